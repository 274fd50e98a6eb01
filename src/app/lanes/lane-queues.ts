import type { Scheduler } from '../../core/scheduler/scheduler.ts';
import type { QueueStatus } from '../../shared/domain/system.ts';

/** The frames that wait in both lanes. `liveDrops`: live frames given up, over all engines. */
export function laneQueues({ live, archive }: Scheduler, liveDrops: number): readonly QueueStatus[] {
  let liveBound = 0;
  for (const { maxWaiting } of live.bySource.values()) liveBound += maxWaiting;
  return [
    {
      name: 'live-frames',
      unit: 'frames',
      waiting: live.waiting,
      bound: liveBound,
      policy: 'oldest-out',
      givenUp: liveDrops,
    },
    {
      name: 'archive-frames',
      unit: 'frames',
      waiting: archive.waiting,
      bound: archive.windowFrames,
      policy: 'back-pressure',
      givenUp: 0,
    },
  ];
}
