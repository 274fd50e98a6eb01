import { decideArchive, floorChunk, sparesCritical } from './archive-decision.ts';
import type { Decision, FrameDrop } from './decision.ts';
import { decideFirst, decideLive } from './live-decision.ts';
import type { LiveRun } from './live-run.ts';
import type { Scheduler } from './scheduler.ts';

const busy: Decision = { kind: 'idle', drops: [], reason: { is: 'busy' } };

/**
 * What the slot should do now. Changes nothing; equal states and times give equal decisions.
 *
 * Live: earliest deadline first over the oldest frame of each camera; what can no longer be in time is given up, not run
 * (Clockwork, Nexus). Archive: the largest chunk that leaves the live promises alone (`archive-room.ts`), or the
 * smallest when its floor is due. One call is in flight at a time, so a live frame waits for at most one chunk.
 */
export function decide(scheduler: Scheduler, nowMonoMs: number): Decision {
  if (scheduler.running !== null) return busy;
  if (scheduler.archive.waiting === 0 && scheduler.live.waiting > 0) {
    const first = decideFirst(scheduler, nowMonoMs);
    if (first !== null) return first;
  }
  const drops: FrameDrop[] = [];
  const live = scheduler.live.waiting === 0 ? null : decideLive(scheduler, nowMonoMs, drops);
  if (scheduler.archive.waiting === 0) return live ?? { kind: 'idle', drops, reason: { is: 'empty' } };
  if (live === null) return decideArchive(scheduler, nowMonoMs, drops);
  if (live.kind === 'run') return floorBeforeLive(scheduler, nowMonoMs, live) ?? live;
  const collecting = live.reason.is === 'live-collecting';
  if (live.reason.is !== 'not-warmed' && !collecting) return live;
  // Those frames cannot run yet anyway; the archive need not wait with them. A batch that is collecting is not delayed.
  const archive = decideArchive(scheduler, nowMonoMs, drops, collecting ? live.untilMonoMs : Number.POSITIVE_INFINITY);
  return archive.kind === 'run' || (archive.kind === 'wait' && archive.untilMonoMs < live.untilMonoMs) ? archive : live;
}

/**
 * The archive's floor while cameras keep the slot busy: as soon as no promise breaks by it, at the latest when two chunks are
 * owed; but never when a critical camera would break its promise by it.
 */
function floorBeforeLive(scheduler: Scheduler, nowMonoMs: number, live: LiveRun): Decision | null {
  const chunk = floorChunk(scheduler, nowMonoMs, live.drops);
  if (chunk === null || chunk.dueInMs > 0) return null;
  if (!sparesCritical(scheduler, nowMonoMs, chunk.run.predictedMs)) return null;
  // Whoever waits is delayed by it, not only the first.
  const queuedMs = live.predictedMs * Math.max(1, scheduler.live.waiting / live.batch);
  const harmless = chunk.run.predictedMs + queuedMs <= live.leftMs;
  return harmless || chunk.owedChunks >= 2 ? chunk.run : null;
}
