import type { SchedulingMode } from '../../shared/domain/lanes.ts';
import { workShape } from '../scheduler/work-shape.ts';
import { seededRandom } from './seeded-random.ts';
import { simulate, type SimulatedCamera, type SimulationLog } from './simulated-slot.ts';

/**
 * The promise of the design in simulated time: six cameras at 5 fps on a device that takes 9.8 ms a frame (live load 0.3,
 * as measured with NanoDet on two cores), alone and beside a job that never runs dry.
 */
export const sixShape = workShape('model', { width: 416, height: 416 }, { score: 0.4, iou: 0.5, classes: null });
export const lastsMs = 60_000;
export const runMs = 9.8;

/** Each camera with a phase of its own by chance, or all evenly apart: then none ever waits for another. */
export function sixCameras(
  jitterMs: number,
  arrivals: 'periodic' | 'poisson',
  phases: number | 'even' = 3,
  endMonoMs = lastsMs,
): SimulatedCamera[] {
  const random = seededRandom(phases === 'even' ? 3 : phases);
  const bell = (): number => (random() + random() + random() + random() - 2) * Math.sqrt(3);
  return Array.from({ length: 6 }, (_, index) => {
    const captures = [];
    let dueMs = phases === 'even' ? (index * 200) / 6 : random() * 200;
    while (dueMs < endMonoMs - 1_000) {
      const capturedMonoMs = Math.max(0, dueMs + jitterMs * bell());
      captures.push({ capturedMonoMs, readyMonoMs: capturedMonoMs + 3 });
      dueMs += arrivals === 'periodic' ? 200 : -200 * Math.log(1 - random());
    }
    captures.sort((a, b) => a.readyMonoMs - b.readyMonoMs);
    return { source: `camera ${index}`, sloMs: 200, weight: 'normal', shape: sixShape, openMonoMs: 0, captures };
  });
}

export function shiftOf(
  cameras: SimulatedCamera[],
  options: {
    readonly mode?: SchedulingMode;
    readonly archive: boolean;
    readonly batch?: 'auto' | number;
    readonly endMonoMs?: number;
    /** What a frame takes; left out: `runMs`. */
    readonly frameMs?: number;
  },
): SimulationLog {
  const random = seededRandom(7);
  const { mode = 'strict', archive, batch = 'auto', endMonoMs = lastsMs, frameMs = runMs } = options;
  return simulate({
    endMonoMs,
    settings: { mode },
    warmed: { live: [1, 2, 4], archive: [1, 2, 4, 8, 16, 32] },
    durationMs: (_lane, size, run) =>
      (frameMs * size - 0.3 * (size - 1)) * (run === 0 ? 1 : 1 + 0.05 * (random() - 0.5)),
    cameras,
    jobs: archive ? [{ jobId: 'night', batch, openMonoMs: 0, frames: 1e6, decodeMs: 0.5, shapes: [sixShape] }] : [],
  });
}

export function liveP95(log: SimulationLog): number {
  const latencies = log.runs
    .filter(({ lane }) => lane === 'live')
    .flatMap(({ tickets, endedMonoMs }) => tickets.map((ticket) => endedMonoMs - ticket.capturedMonoMs - 3))
    .sort((a, b) => a - b);
  return latencies[Math.ceil(0.95 * latencies.length) - 1] as number;
}

/** Archive frames run / frames for which the cameras left time, both at the smallest chunk's pace. */
export function retained(log: SimulationLog, endMonoMs = lastsMs, frameMs = runMs): number {
  const live = log.runs.filter(({ lane }) => lane === 'live');
  const liveMs = live.reduce((sum, run) => sum + run.endedMonoMs - run.startedMonoMs, 0);
  const frames = log.runs.reduce((sum, { lane, tickets }) => sum + (lane === 'archive' ? tickets.length : 0), 0);
  return frames / ((endMonoMs - liveMs) / frameMs);
}

export interface Measured {
  /** Live p95 beside the archive / alone. */
  readonly ratio: number;
  readonly kept: number;
}

/** Strict mode, alone and beside the archive. */
export function measure(jitterMs: number, phases: number | 'even', endMonoMs = lastsMs): Measured {
  const cameras = sixCameras(jitterMs, 'periodic', phases, endMonoMs);
  const beside = shiftOf(cameras, { archive: true, endMonoMs });
  const alone = shiftOf(cameras, { archive: false, endMonoMs });
  return { ratio: liveP95(beside) / liveP95(alone), kept: retained(beside, endMonoMs) };
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] as number;
