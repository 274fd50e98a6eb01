import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../src/app/system-clock.ts';
import type { WorkShape } from '../../src/core/scheduler/work-shape.ts';
import type { BenchEngine } from '../engine/bench-engine.ts';
import type { Arrival } from '../engine/messages.ts';
import { LaneMeter, type LaneAccount } from './lane-account.ts';
import type { Policy } from './policy.ts';

export interface ShiftPlan {
  readonly engine: BenchEngine;
  readonly policy: Policy;
  readonly cameras: readonly string[];
  /** Offsets from the start; none: no camera is open. */
  readonly trace: readonly Arrival[];
  readonly archive: boolean;
  readonly sloMs: number;
  readonly shape: WorkShape;
  /** Forecasts and pipelines settle in this time; then the counted stretch begins. */
  readonly settleMs: number;
  readonly countMs: number;
}

/** Cameras open a moment before their first frame. */
const openAheadMs = 20;

/** One cell: the same frames for every policy, counted the same way. */
export async function runShift(plan: ShiftPlan): Promise<LaneAccount> {
  const { engine, policy, cameras, trace, archive, sloMs, shape, settleMs, countMs } = plan;
  const startMonoMs = systemClock.monoMs() + openAheadMs;
  const countFromMonoMs = startMonoMs + settleMs;
  const meter = new LaneMeter(countFromMonoMs, countFromMonoMs + countMs);
  policy.begin({ cameras, sloMs, archive, shape, meter });
  if (trace.length > 0) {
    const arrivals = trace.map(({ source, dueMonoMs }) => ({ source, dueMonoMs: startMonoMs + dueMonoMs }));
    await Promise.race([engine.ask('play', { arrivals }), engine.lost]);
  }
  const untilMs = countFromMonoMs + countMs - systemClock.monoMs();
  await Promise.race([sleep(Math.max(0, untilMs)), engine.lost]);
  await Promise.race([policy.end(), engine.lost]);
  return meter.account;
}
