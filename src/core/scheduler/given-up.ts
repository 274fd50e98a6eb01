import { recordGivenUp } from './archive-share.ts';
import type { FrameDrop } from './decision.ts';
import type { Scheduler } from './scheduler.ts';
import { noteAnswerable, noteShed } from './shedding.ts';

/** Counts frames that were given up; answers them. */
export function countDrops(scheduler: Scheduler, drops: FrameDrop[], nowMonoMs: number): FrameDrop[] {
  for (const drop of drops) countDrop(scheduler, drop, nowMonoMs);
  return drops;
}

/** `answerable`: the chance that the frame would have been run in time without the archive. */
export function countDrop(
  scheduler: Scheduler,
  { reason, source }: FrameDrop,
  nowMonoMs: number,
  answerable = 0,
): void {
  scheduler.records.live.dropped += 1;
  noteShed(scheduler.shedding, reason, scheduler.live.bySource.get(source), source, nowMonoMs);
  if (answerable > 0) noteAnswerable(scheduler.shedding, answerable);
  // A camera that its owner closed broke no promise, and what was shed on purpose says nothing about the archive.
  if (reason === 'stopped' || reason === 'shed-quiet' || reason === 'shed-rate') return;
  recordGivenUp(scheduler.slackShare, answerable, scheduler.debt.isStall);
}
