import type { LaneName } from '../../shared/domain/lanes.ts';
import { fastestMs, type CostModel } from './cost-model.ts';
import type { WorkShape } from './work-shape.ts';

/** What an open camera promises. */
export interface Promised {
  readonly name: string;
  readonly sloMs: number;
}

export type Admission =
  | { readonly ok: true }
  | {
      readonly ok: false;
      /** One call of size 1, and the longest promise, which it breaks too. */
      readonly runMs: number;
      readonly sloMs: number;
      readonly camera: string;
      readonly why: string;
    };

/**
 * Whether work of this shape can run beside the cameras at all. A call cannot be stopped once it runs, so where a single
 * one of the smallest size takes longer than every promise, no order of work keeps any of them. `promised`: the cameras that
 * are open, with the one that is to be opened. What was never measured is let in: it is measured by running.
 */
export function admissionOf(
  costs: CostModel,
  shape: WorkShape,
  promised: readonly Promised[],
  lane: LaneName,
): Admission {
  const curve = costs.curves[lane].get(shape.costKey);
  // The best time known: a slow spell of the machine must refuse nobody for good.
  const runMs = curve === undefined ? null : fastestMs(curve, 0);
  const longest = promised.reduce<Promised | null>(
    (most, one) => (most === null || one.sloMs > most.sloMs ? one : most),
    null,
  );
  if (runMs === null || longest === null || runMs <= longest.sloMs) return { ok: true };
  const what = lane === 'archive' ? 'one chunk' : 'one frame';
  return {
    ok: false,
    runMs,
    sloMs: longest.sloMs,
    camera: longest.name,
    why: `${what} takes ${Math.round(runMs)} ms; ${longest.name} promises ${Math.round(longest.sloMs)} ms`,
  };
}
