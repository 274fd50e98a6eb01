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
  /** The same as an engine or a process before this one measured it; left out: nothing is known. */
  readonly knownMs?: (batch: number) => number | null;
  /** Sizes up to this were asked for by name (a pin, a window) and are warmed whatever they gain. */
  readonly pinned: number;
  /** A size that could not be warmed. */
  readonly tooWide: number;
}

/**
 * The next size that the lane should have warm; null: it has what it needs. A device that gains from width goes up the
 * ladder to its end, one that does not stops where that shows. What it aims at is warmed before the sizes in between:
 * they only serve a lane that has less room.
 */
export function nextSize(view: LadderView): number | null {
  const { lane, runMs, pinned, tooWide } = view;
  const missing = laneSizes(lane).filter((size) => size < tooWide && runMs(size) === null);
  const [batch] = missing;
  if (batch === undefined) return null;
  if (batch === 1 || batch <= pinned) return batch;
  const aim = missing.includes(aimOf(view)) ? aimOf(view) : batch;
  if (batchMs(runMs, aim) > longestAutoRunMs) return null;
  if (aim <= always[lane] || aim !== batch) return aim;
  return gains(runMs, batch / 2) ? batch : null;
}

/**
 * The size at which a lane runs that has all the room there is: the widest near the best of those that are known. Where
 * nothing is known but that two together gain nothing, no size gains anything, and the widest one saves the most turns.
 */
function aimOf({ lane, runMs, knownMs = () => null, pinned }: LadderView): number {
  const known = { lane, pinned, runMs: (batch: number) => runMs(batch) ?? knownMs(batch) };
  const sizes = laneSizes(lane).filter((batch) => known.runMs(batch) !== null && isUseful(known, batch));
  const pace = (batch: number): number => batch / (known.runMs(batch) ?? Infinity);
  const best = Math.max(...sizes.map(pace));
  const widest = Math.max(...sizes.filter((batch) => pace(batch) >= best / (1 + gainPerDoubling)));
  if (lane === 'live' || widest > 2 || known.runMs(2) === null || gains(known.runMs, 2)) return widest;
  const short = laneSizes(lane).filter((size) => size <= always[lane] && batchMs(runMs, size) <= longestAutoRunMs);
  return Math.max(...short);
}

/** A run by the widest warm size that is narrower, in step with the batch. */
function batchMs(runMs: LadderView['runMs'], batch: number): number {
  for (let size = batch / 2; size >= 1; size /= 2) {
    const narrower = runMs(size);
    if (narrower !== null) return (narrower * batch) / size;
  }
  return 0;
}

/** Whether the lane may use a size that was measured, going by the rule above. */
export function isUseful({ lane, runMs, pinned }: Omit<LadderView, 'tooWide' | 'knownMs'>, batch: number): boolean {
  if (batch <= Math.max(pinned, always[lane])) return true;
  for (let size = 2 * always[lane]; size <= batch; size *= 2) if (!gains(runMs, size / 2)) return false;
  return (runMs(batch) ?? 0) <= longestAutoRunMs;
}

/** Whether `batch` is faster a picture than half of it, by more than noise. */
function gains(runMs: LadderView['runMs'], batch: number): boolean {
  const [wide, narrow] = [runMs(batch), runMs(batch / 2)];
  return wide !== null && narrow !== null && batch / wide > (1 + gainPerDoubling) * (batch / 2 / narrow);
}
