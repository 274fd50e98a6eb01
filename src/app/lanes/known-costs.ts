import { costKeyOf } from '../../core/scheduler/work-shape.ts';
import type { LadderCost, LaneName } from '../../shared/domain/lanes.ts';

/** A first measure that is off by more than this share says that machine, driver or load are others now. */
const tolerance = 0.25;

/** A stored cost that the first own measure contradicted. */
export interface Contradiction {
  readonly lane: LaneName;
  readonly modelId: string;
  readonly input: string;
  readonly batch: number;
  readonly storedMs: number;
  readonly measuredMs: number;
}

interface Curve {
  readonly costs: Map<number, LadderCost>;
  /** Nothing of it has been compared with a run of this process. */
  unchecked: boolean;
}

/**
 * Costs that no run of this process's lanes stands behind: what an earlier process measured, and sizes that a calibration
 * measured but no lane uses. They inform people and plans; they decide nothing.
 */
export class KnownCosts {
  readonly #curves = new Map<string, Curve>();

  /** What was stored for this device. */
  stored(costs: readonly LadderCost[]): void {
    for (const cost of costs) this.#curve(cost, true).costs.set(cost.batch, cost);
  }

  /** Measured in this process, but not for use. */
  measured(cost: LadderCost): void {
    const curve = this.#curve(cost, false);
    curve.unchecked = false;
    curve.costs.set(cost.batch, cost);
  }

  /**
   * The first own measure of a size: stored costs of the same model, input and lane are believed from now on, or all
   * dropped, because they were measured together.
   */
  check(
    cost: { readonly lane: LaneName; readonly modelId: string; readonly input: string; readonly batch: number },
    measuredMs: number,
  ): Contradiction | null {
    const curve = this.#curves.get(keyOf(cost));
    const stored = curve?.costs.get(cost.batch);
    if (curve?.unchecked !== true || stored === undefined) return null;
    curve.unchecked = false;
    if (Math.abs(measuredMs - stored.q50Ms) <= tolerance * stored.q50Ms) return null;
    this.#curves.delete(keyOf(cost));
    const { lane, modelId, input, batch } = cost;
    return { lane, modelId, input, batch, storedMs: stored.q50Ms, measuredMs };
  }

  medianMs(lane: LaneName, costKey: string, batch: number): number | null {
    return this.#curves.get(`${lane} ${costKey}`)?.costs.get(batch)?.q50Ms ?? null;
  }

  /** The model runs on something else now. */
  forget(modelId: string): void {
    for (const [key, { costs }] of this.#curves) {
      const [first] = costs.values();
      if (first?.modelId === modelId) this.#curves.delete(key);
    }
  }

  /** `own`, with what is known beyond it. */
  complete(own: readonly LadderCost[]): LadderCost[] {
    const have = new Set(own.map((cost) => `${keyOf(cost)} ${String(cost.batch)}`));
    const more: LadderCost[] = [];
    for (const [key, { costs }] of this.#curves) {
      for (const cost of costs.values()) if (!have.has(`${key} ${String(cost.batch)}`)) more.push(cost);
    }
    return [...own, ...more];
  }

  #curve(cost: Pick<LadderCost, 'lane' | 'modelId' | 'input'>, unchecked: boolean): Curve {
    const key = keyOf(cost);
    let curve = this.#curves.get(key);
    if (curve === undefined) {
      curve = { costs: new Map(), unchecked };
      this.#curves.set(key, curve);
    }
    return curve;
  }
}

const keyOf = ({ lane, modelId, input }: Pick<LadderCost, 'lane' | 'modelId' | 'input'>): string =>
  `${lane} ${costKeyOf(modelId, input)}`;
