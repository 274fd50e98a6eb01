import { missBudget } from '../../core/scheduler/camera-account.ts';
import type { LoadTestMinute } from '../../shared/domain/load-test.ts';

/** Each step of a ramp asks this much more than the one before. */
const growth = 1.25;
/** Beyond this a live slot has no time left for anything to go wrong in. */
const fullSlot = 0.9;
/** Drops below this share of the frames broke no promise. */
const noticeableShare = 0.02;

/** Rate of each camera in step `step` (from 0), frames a second: starts at the given rate. */
export const rampFps = (firstFps: number, step: number): number => Math.min(60, firstFps * growth ** step);

/** More than the error budget missed its promise. */
export const broke = ({ captured, sloAttainment }: LoadTestMinute): boolean =>
  captured > 0 && sloAttainment < 1 - missBudget;

/** What gave out, from the figures of the step in which the promise broke. */
export function gaveOut(step: LoadTestMinute, sloMs: number): string {
  const { cameras, fps, captured, sloAttainment, dropped, slotShare, latencyMs } = step;
  const load = `${String(cameras)} cameras at ${fps.toFixed(1)} frames a second`;
  const missed = `${percent(1 - sloAttainment)} of ${String(captured)} frames missed ${String(sloMs)} ms`;
  const [reason, count] = Object.entries(dropped).sort(([, a], [, b]) => b - a)[0] ?? [null, 0];
  const p95 = latencyMs === null ? '' : `, p95 ${latencyMs.p95.toFixed(0)} ms`;
  const shed = (dropped['shed-rate'] ?? 0) + (dropped['shed-quiet'] ?? 0);
  let cause: string;
  if (slotShare.live >= fullSlot) cause = `the device: live batches took ${percent(slotShare.live)} of its time`;
  else if (shed > noticeableShare * captured)
    cause = `the device: it was asked for more than it has time for, so ${String(shed)} frames were left out to keep the rest in time`;
  else if (reason === 'no-buffer' && count > noticeableShare * captured)
    cause = 'decoding: frames came faster than they could be taken in';
  else if (slotShare.live + slotShare.archive >= fullSlot)
    cause = `the device: together with the archive it was busy ${percent(slotShare.live + slotShare.archive)} of the time`;
  else
    cause = `the machine outside the device, which was busy only ${percent(slotShare.live + slotShare.archive)} of the time`;
  return `At ${load}, ${missed}${p95}. What gave out: ${cause}.`;
}

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
