import { seededRandom } from './seeded-random.ts';
import { simulate, type SimulatedCamera, type SimulationLog } from './simulated-slot.ts';
import { sixShape } from './six-cameras.ts';

/** Cameras whose frames come early and late, as over Wi-Fi, on a device of which they ask for `load`. */
export interface JitteryShift {
  readonly cameras: number;
  /** Share of the device that the cameras ask for. */
  readonly load: number;
  readonly frameMs: number;
  /** Standard deviation of a capture from its beat, as a share of the period; from 0.15 on there is hardly a rhythm. */
  readonly jitter: number;
  readonly endMonoMs: number;
  readonly seed?: number;
}

const sloMs = 200;
/** Nothing is known of the cameras before. */
const settledMs = 5_000;

function jitteryCameras({ cameras, load, frameMs, jitter, endMonoMs, seed = 3 }: JitteryShift): SimulatedCamera[] {
  const random = seededRandom(seed);
  const bell = (): number => (random() + random() + random() + random() - 2) * Math.sqrt(3);
  const periodMs = (cameras * frameMs) / load;
  return Array.from({ length: cameras }, (_, index) => {
    const captures = [];
    for (let dueMs = random() * periodMs; dueMs < endMonoMs - 1_000; dueMs += periodMs) {
      const capturedMonoMs = Math.max(0, dueMs + jitter * periodMs * bell());
      captures.push({ capturedMonoMs, readyMonoMs: capturedMonoMs + 3 });
    }
    captures.sort((a, b) => a.readyMonoMs - b.readyMonoMs);
    return { source: `camera ${index}`, sloMs, weight: 'normal', shape: sixShape, openMonoMs: 0, captures };
  });
}

/** Strict mode, runs that vary by a twentieth; `stalls`: every so many runs one takes ten times as long. */
export function jitteryShift(shift: JitteryShift, archive: boolean, stalls: number | null = null): SimulationLog {
  const { frameMs, endMonoMs } = shift;
  const random = seededRandom(7);
  return simulate({
    endMonoMs,
    warmed: { live: [1, 2, 4], archive: [1, 2, 4, 8, 16, 32] },
    durationMs: (_lane, size, run) =>
      frameMs *
      size *
      (run === 0 ? 1 : 1 + 0.05 * (random() - 0.5)) *
      (stalls !== null && run > 0 && run % stalls === 0 ? 10 : 1),
    cameras: jitteryCameras(shift),
    jobs: archive
      ? [{ jobId: 'night', batch: 'auto', openMonoMs: 0, frames: 1e6, decodeMs: 0.5, shapes: [sixShape] }]
      : [],
  });
}

/** Share of the frames that were late or given up. */
export function missedShare({ admitted, runs, drops }: SimulationLog): number {
  const isLate = ({ capturedMonoMs }: { readonly capturedMonoMs: number }, endedMonoMs: number): boolean =>
    capturedMonoMs >= settledMs && endedMonoMs - capturedMonoMs > sloMs;
  const late = runs.reduce(
    (sum, { lane, tickets, endedMonoMs }) =>
      sum + (lane === 'live' ? tickets.filter((ticket) => isLate(ticket, endedMonoMs)).length : 0),
    0,
  );
  const counts = ({ ticket }: SimulationLog['admitted'][number] | SimulationLog['drops'][number]): boolean =>
    ticket.capturedMonoMs >= settledMs;
  return (late + drops.filter(counts).length) / admitted.filter(counts).length;
}
