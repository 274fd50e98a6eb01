import {
  exactLadderIndex,
  exportCosts,
  forgetCosts,
  likelyMs,
  warmedUp,
  type CostModel,
} from '../../core/scheduler/cost-model.ts';
import { inputText, type WorkShape } from '../../core/scheduler/work-shape.ts';
import type { LadderCost, LaneName } from '../../shared/domain/lanes.ts';
import type { Log } from '../ports.ts';
import { KnownCosts, type Contradiction } from './known-costs.ts';
import { isUseful } from './ladder.ts';

/**
 * What runs take: by the cost model that the lanes go by, and by what is known beyond it. Says what of a measure goes where,
 * and whether it contradicts what was stored.
 */
export class LaneCosts {
  readonly #model: CostModel;
  readonly #log: Log;
  readonly #contradicted: ((contradiction: Contradiction) => void) | undefined;
  readonly #known = new KnownCosts();

  constructor(model: CostModel, log: Log, contradicted?: (contradiction: Contradiction) => void) {
    this.#model = model;
    this.#log = log;
    this.#contradicted = contradicted;
  }

  /** Every measured step of the ladder: of this process, and what was stored before and is not contradicted. */
  all(): readonly LadderCost[] {
    return this.#known.complete(exportCosts(this.#model));
  }

  /** Median of one run in ms as far as it is known, warm in this engine or not; null: it never was. */
  knownMs({ costKey }: WorkShape, lane: LaneName, batch: number): number | null {
    const own = this.#model.curves[lane].get(costKey)?.q50Ms[exactLadderIndex(batch)] ?? NaN;
    return Number.isNaN(own) ? this.#known.medianMs(lane, costKey, batch) : own;
  }

  /** What an earlier process measured on this device: it informs until this process has measured for itself. */
  stored(costs: readonly LadderCost[]): void {
    this.#known.stored(costs);
  }

  forget(modelId: string): void {
    this.#known.forget(modelId);
    forgetCosts(this.#model, modelId);
  }

  /**
   * Likely device time of one picture of a scan in ms at the best known batch, also from an earlier process; null: nothing
   * is known. Pictures are fitted to their shape: of the heights of this width, the one that was run most counts.
   */
  pictureMs({ modelId, input }: WorkShape): number | null {
    const byInput = new Map<string, { samples: number; pictureMs: number }>();
    for (const cost of this.all()) {
      if (cost.lane !== 'archive' || cost.modelId !== modelId || !cost.input.startsWith(`${String(input.width)}x`))
        continue;
      const known = byInput.get(cost.input) ?? { samples: 0, pictureMs: Infinity };
      known.samples += cost.samples;
      known.pictureMs = Math.min(known.pictureMs, cost.q50Ms / cost.batch);
      byInput.set(cost.input, known);
    }
    const [most] = [...byInput.values()].sort((one, other) => other.samples - one.samples);
    return most?.pictureMs ?? null;
  }

  /** A size is warm: the lane uses it from now on. */
  warmed(shape: WorkShape, lane: LaneName, batch: number, runMs: readonly number[]): void {
    this.#check(shape, lane, batch, runMs);
    warmedUp(this.#model, sizeOf(shape, lane, batch), runMs);
  }

  /**
   * A calibration has measured a size. What lies beyond the sizes a lane uses (`pinned`: the widest that was set by hand) is
   * known from now on, but not used.
   */
  calibrated(shape: WorkShape, lane: LaneName, batch: number, runMs: readonly number[], pinned: number): void {
    this.#check(shape, lane, batch, runMs);
    const counted = countedRuns(runMs);
    const measured = (size: number): number | null =>
      size === batch ? quantileOf(counted, 0.5) : likelyMs(this.#model, lane, shape.costKey, size);
    const size = sizeOf(shape, lane, batch);
    if (isUseful({ lane, runMs: measured, pinned }, batch)) {
      warmedUp(this.#model, size, runMs);
      return;
    }
    const [q50Ms, q95Ms] = [quantileOf(counted, 0.5), quantileOf(counted, 0.95)];
    this.#known.measured({ ...size, q50Ms, q95Ms, samples: counted.length });
  }

  /** The first measure of this process says whether what was stored is still true. */
  #check(shape: WorkShape, lane: LaneName, batch: number, runMs: readonly number[]): void {
    const contradiction = this.#known.check(sizeOf(shape, lane, batch), quantileOf(countedRuns(runMs), 0.5));
    if (contradiction === null) return;
    this.#log.warn('stored costs are not true any more and are forgotten', { ...contradiction });
    this.#contradicted?.(contradiction);
  }
}

type LadderSize = Pick<LadderCost, 'modelId' | 'input' | 'lane' | 'batch'>;

const sizeOf = ({ modelId, input }: WorkShape, lane: LaneName, batch: number): LadderSize => ({
  modelId,
  input: inputText(input),
  lane,
  batch,
});

/** In order; the first of several pays for set-up and does not count. */
const countedRuns = (runMs: readonly number[]): readonly number[] =>
  (runMs.length > 1 ? runMs.slice(1) : [...runMs]).sort((one, other) => one - other);

const quantileOf = (sorted: readonly number[], quantile: number): number =>
  sorted[Math.ceil(quantile * sorted.length) - 1] ?? 0;
