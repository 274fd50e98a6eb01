import { shedSteps, type LanesSnapshot } from '../../shared/domain/lanes.ts';
import { choiceOf } from './batch-choice.ts';
import { exportCosts, kneeBatch } from './cost-model.ts';
import { explainDecision } from './decision.ts';
import { laneStats, lastSecondShare } from './lane-stats.ts';
import type { LiveStream } from './live-lane.ts';
import type { Scheduler } from './scheduler.ts';
import { archiveShape } from './slot-reviews.ts';
import type { WorkShape } from './work-shape.ts';

/** The lanes for people: what each does, and why in words. Changes nothing. */
export function lanesSnapshot(scheduler: Scheduler, nowMonoMs: number, atMs: number): LanesSnapshot {
  const { records, live: liveLane, archive: archiveLane, latest, settings, shedding, costs } = scheduler;
  const shape = archiveShape(scheduler);
  return {
    atMs,
    mode: settings.mode,
    settings,
    live: laneStats(records.live, liveLane.waiting, nowMonoMs),
    archive: laneStats(records.archive, archiveLane.waiting, nowMonoMs),
    slot: {
      live: lastSecondShare(records.live, nowMonoMs),
      archive: lastSecondShare(records.archive, nowMonoMs),
    },
    knee: shape === null ? null : kneeBatch(costs, 'archive', shape.costKey),
    costs: exportCosts(costs),
    why: latest === null ? '' : explainDecision(latest),
    choice: {
      live: choiceOf(costs, settings, 'live', liveShape(scheduler), liveLane.bySource.size > 0),
      archive: choiceOf(costs, settings, 'archive', shape, liveLane.bySource.size > 0),
    },
    shed: { ...shedding.total },
    shedding: shedSteps.filter((step) => shedding.inForce[step]),
    calibration: null,
    calibrated: null,
    instances: { now: 1, why: '', changes: [] },
  };
}

/** How the live lane works now: as its busiest kind of frames. */
function liveShape({ live: { bySource } }: Scheduler): WorkShape | null {
  let busiest: LiveStream | null = null;
  for (const stream of bySource.values()) {
    if (busiest === null || stream.group.streams > busiest.group.streams) busiest = stream;
  }
  return busiest === null ? null : busiest.camera.shape;
}
