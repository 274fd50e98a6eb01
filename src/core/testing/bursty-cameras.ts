import type { CameraSettings } from '../../shared/domain/camera.ts';
import { seededRandom } from './seeded-random.ts';
import type { SimulatedCamera, SimulationLog } from './simulated-slot.ts';
import { sixShape } from './six-cameras.ts';

export interface Bursts {
  readonly cameras?: number;
  /** Mean pictures a second of each camera, and how much faster those of a burst follow each other. */
  readonly fps?: number;
  readonly burst?: number;
  readonly pace?: number;
  readonly jitterMs?: number;
  /** Pauses of any length from 0.4 to 1.6 of the mean distance of bursts, the same for all cameras. */
  readonly atRandom?: boolean;
  readonly seed?: number;
  readonly weights?: readonly CameraSettings['weight'][];
  readonly endMonoMs: number;
}

/** Cameras whose pictures come in bursts, of all of them at once: as those of a bursty load test, eight at 3 fps if not said. */
export function burstyCameras(bursts: Bursts): SimulatedCamera[] {
  const { cameras = 8, fps = 3, burst = 5, pace = 4, jitterMs = 2, atRandom = false, seed = 1, endMonoMs } = bursts;
  const random = seededRandom(seed);
  const cycleMs = (burst * 1000) / fps;
  const starts: number[] = [];
  for (let atMs = 500; atMs < endMonoMs - 1_500; atMs += atRandom ? cycleMs * (0.4 + 1.2 * random()) : cycleMs)
    starts.push(atMs);
  return Array.from({ length: cameras }, (_, index) => ({
    source: `camera ${index}`,
    sloMs: 200,
    weight: bursts.weights?.[index] ?? 'normal',
    shape: sixShape,
    openMonoMs: 0,
    captures: starts.flatMap((startMs) =>
      Array.from({ length: burst }, (__, picture) => {
        const capturedMonoMs = startMs + (picture * 1000) / (fps * pace) + jitterMs * random();
        return { capturedMonoMs, readyMonoMs: capturedMonoMs + 3 + 0.3 * index };
      }),
    ),
  }));
}

/** Share of the frames captured from `fromMs` on that were analysed within the promise; of these cameras alone, if told. */
export function keptShare(
  { admitted, runs }: SimulationLog,
  fromMs: number,
  isOne: (source: string) => boolean = () => true,
): number {
  const counts = (source: string, capturedMonoMs: number): boolean => capturedMonoMs >= fromMs && isOne(source);
  const captured = admitted.filter(({ ticket }) => counts(ticket.source, ticket.capturedMonoMs)).length;
  const kept = runs.reduce((sum, { lane, tickets, endedMonoMs }) => {
    if (lane === 'archive') return sum;
    const inTime = tickets.filter(
      ({ source, capturedMonoMs }) => counts(source, capturedMonoMs) && endedMonoMs - capturedMonoMs <= 200,
    );
    return sum + inTime.length;
  }, 0);
  return kept / captured;
}
