import { roomBesideCameras, roomFor } from '../../core/scheduler/archive-room.ts';
import type { Scheduler } from '../../core/scheduler/scheduler.ts';
import type { LaneName } from '../../shared/domain/lanes.ts';
import type { LadderStep } from './ladder.ts';
import { canFill } from './wanted-sizes.ts';

/**
 * Only what the lane can use now is warmed; with cameras on, a run must break no promise. Size 1 always: without it nothing
 * runs. `pinned`: the widest size that was set by hand.
 */
export function warmUpMayRun(
  scheduler: Scheduler,
  lane: LaneName,
  batch: number,
  expectedMs: number,
  pinned: number,
): boolean {
  if (batch === 1) return true;
  if (!canFill(scheduler, lane, batch, pinned)) return false;
  // Where there are only pictures that are collected, it is what they wait for themselves.
  return expectedMs <= scheduler.live.smallestSloMs / (collectsOnly(scheduler) ? 1 : 4);
}

/**
 * A run of a calibration is let in where an archive chunk of that length would be; words while it is not. Loading a
 * model takes seconds: never beside cameras.
 */
export function calibrationWaits(
  scheduler: Scheduler,
  { work, batch }: LadderStep,
  expectedMs: number,
  isLoaded: boolean,
  nowMonoMs: number,
): string | null {
  const { live } = scheduler;
  if (live.bySource.size === 0) return null;
  if (!isLoaded) return `${work.model.manifest.name} is loaded when no camera is on`;
  if (live.waiting > 0) return 'cameras have frames to be analysed first';
  const room = roomBesideCameras(scheduler, nowMonoMs, Infinity);
  const { smallestMs, largerMs } = roomFor(scheduler, work.shape, room);
  const roomMs = batch === 1 ? smallestMs : largerMs;
  if (expectedMs <= roomMs) return null;
  return `batch ${String(batch)} takes about ${msText(expectedMs)}, cameras leave ${msText(roomMs)}`;
}

/** All live pictures are collected, as far as there are any: none of them is a camera's. */
export function collectsOnly({ live }: Scheduler): boolean {
  for (const { camera } of live.bySource.values()) if ((camera.window ?? null) === null) return false;
  return true;
}

const msText = (value: number): string => `${String(Math.max(0, Math.round(value)))} ms`;
