import { batchLadder, type LaneName } from '../../shared/domain/lanes.ts';
import type { PreparedWork } from '../models/work.ts';

/** The widest size each lane may ever use. */
export const widestOf: Readonly<Record<LaneName, number>> = { live: 16, archive: 128 };
/**
 * Up to here a lane's sizes are worth their warm-up on any device: a job at night runs at 32 even where that gains
 * nothing, for fewer turns between the processes; of a live batch one must be measured to know whether it gains.
 */
const always: Readonly<Record<LaneName, number>> = { live: 2, archive: 32 };
/** Beyond, a size must have gained so much on the one before it for the next to be tried. */
const gainPerDoubling = 0.03;
/** Nobody pinned it, so a cancelled job or a camera that is switched on need not wait longer than this for its end. */
const longestAutoRunMs = 2_000;

export const laneSizes = (lane: LaneName): readonly number[] => batchLadder.filter((batch) => batch <= widestOf[lane]);

/** One size of one lane, to be run with work of one shape. */
export interface LadderStep {
  readonly work: PreparedWork;
  readonly lane: LaneName;
  readonly batch: number;
}

/** What is known of one model's sizes in one lane. */
export interface LadderView {
  readonly lane: LaneName;
  /** Median of a warmed size in ms; null where it is not warmed. */
  readonly runMs: (batch: number) => number | null;
  /** Sizes up to this were asked for by name (a pin, a window) and are warmed whatever they gain. */
  readonly pinned: number;
  /** A size that could not be warmed. */
  readonly tooWide: number;
}

/**
 * The next size that the lane should have warm; null: it has what it needs. A device that gains from width goes up the
 * ladder to its end, one that does not stops where that shows.
 */
export function nextSize({ lane, runMs, pinned, tooWide }: LadderView): number | null {
  const batch = laneSizes(lane).find((size) => runMs(size) === null);
  if (batch === undefined || batch >= tooWide) return null;
  if (batch === 1 || batch <= pinned) return batch;
  const before = runMs(batch / 2) ?? 0;
  if (2 * before > longestAutoRunMs) return null;
  if (batch <= always[lane]) return batch;
  return gains(runMs, batch / 2) ? batch : null;
}

/** Whether the lane may use a size that was measured, going by the rule above. */
export function isUseful({ lane, runMs, pinned }: Omit<LadderView, 'tooWide'>, batch: number): boolean {
  if (batch <= Math.max(pinned, always[lane])) return true;
  for (let size = 2 * always[lane]; size <= batch; size *= 2) if (!gains(runMs, size / 2)) return false;
  return (runMs(batch) ?? 0) <= longestAutoRunMs;
}

/** Whether `batch` is faster a picture than half of it, by more than noise. */
function gains(runMs: LadderView['runMs'], batch: number): boolean {
  const [wide, narrow] = [runMs(batch), runMs(batch / 2)];
  return wide !== null && narrow !== null && batch / wide > (1 + gainPerDoubling) * (batch / 2 / narrow);
}
