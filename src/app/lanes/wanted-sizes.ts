import type { Scheduler } from '../../core/scheduler/scheduler.ts';
import type { LaneName } from '../../shared/domain/lanes.ts';
import { widestOf } from './ladder.ts';

/** The widest size that was set by hand, for the lane or for one that uses it. `jobs`: sizes that open jobs asked for by name. */
export function pinnedSize({ settings, live }: Scheduler, lane: LaneName, jobs: Iterable<number>): number {
  const sizes = [1];
  if (lane === 'live') {
    if (settings.liveBatch !== 'auto') sizes.push(settings.liveBatch);
    else if (settings.liveWindowMs !== 'auto' && settings.liveWindowMs > 0) sizes.push(widestOf.live);
    for (const { camera } of live.bySource.values()) sizes.push(camera.window?.batch ?? 1);
  } else {
    if (settings.archiveBatch !== 'auto') sizes.push(settings.archiveBatch);
    sizes.push(...jobs);
  }
  return Math.max(...sizes);
}

/** Whether the lane can fill a call of this size now, or would wait for the pictures to fill one that was set by hand. */
export function canFill({ live, archive }: Scheduler, lane: LaneName, batch: number, pinned: number): boolean {
  if (lane === 'archive') {
    if (batch <= pinned && live.bySource.size === 0) return archive.waiting > 0;
    // The archive's window follows the sizes that are worth using so far: when it is full, there is probably more.
    return archive.waiting >= Math.min(batch, archive.windowFrames);
  }
  // One frame a camera, a collected batch a window.
  let frames = 0;
  for (const { camera } of live.bySource.values()) frames += camera.window?.batch ?? 1;
  return frames >= batch;
}
