import { createStalls, type Stalls } from './stalls.ts';

/**
 * How far the live lane is behind where it would be had no chunk of the archive run: the same frames in the same order, each
 * with the time it took. That tells which broken promises the archive has to answer for; what cameras break by themselves,
 * by coming all at once, is no reason to take anything from it. Below 0: without the archive more frames would have been
 * run, so that lane would still be at work.
 */
export interface ArchiveDebt {
  ms: number;
  /** A stall of the machine is a part of it: then it says nothing of what chunks cost as a rule. */
  isStall: boolean;
  readonly stalls: Stalls;
}

export const createArchiveDebt = (): ArchiveDebt => ({ ms: 0, isStall: false, stalls: createStalls() });

/**
 * A chunk kept the slot for `tookMs`; `liveWaited`: a live frame was waiting when it was started. If none was, all before it is
 * settled, and whether it was in anybody's way is known when the next live frame is run.
 */
export function chunkRan(debt: ArchiveDebt, tookMs: number, liveWaited: boolean, isStall = false): void {
  debt.isStall = isStall || (liveWaited && debt.isStall);
  debt.ms = tookMs + (liveWaited ? debt.ms : 0);
}

/** A live batch, which had been ready for `waitedMs` when it was started, is done. To be told before its frames are judged. */
export function liveRan(debt: ArchiveDebt, waitedMs: number): void {
  // Nothing can be run before it is ready, with or without an archive.
  debt.ms = Math.min(debt.ms, Math.max(0, waitedMs));
  if (debt.ms <= 0) debt.isStall = false;
}

/** No live frame is left: what would still have been at work has time to catch up. */
export function liveIsIdle(debt: ArchiveDebt): void {
  if (debt.ms < 0) debt.ms = 0;
}

/** A frame is given up as it would be late: 1 where it would have been in time without the archive, else 0. */
export function answersForLate(
  debt: ArchiveDebt,
  readyMonoMs: number,
  deadlineMonoMs: number,
  runMs: number,
  nowMonoMs: number,
): number {
  if (debt.ms <= 0 || Math.max(readyMonoMs, nowMonoMs - debt.ms) + runMs > deadlineMonoMs) return 0;
  debt.ms -= runMs;
  return 1;
}

/** A frame is pushed out by newer ones: the chance that its turn had come before without the archive. */
export function answersForPushedOut(debt: ArchiveDebt, runMs: number): number {
  if (debt.ms <= 0) return 0;
  const part = runMs > 0 ? Math.min(1, debt.ms / runMs) : 1;
  debt.ms -= part * runMs;
  return part;
}
