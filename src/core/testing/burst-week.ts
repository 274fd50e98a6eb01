import type { FastLog, FastScript } from './fast-shift.ts';
import { seededRandom } from './seeded-random.ts';
import { workShape } from '../scheduler/work-shape.ts';

const shape = workShape('model', { width: 320, height: 320 }, { score: 0.4, iou: 0.5, classes: null });
const hourMs = 3_600_000;
/** From one burst to the next: five or six a day. */
const cycleMs = 4.4 * hourMs;

/**
 * A week on a site of a thousand cameras: they send only while something goes on, all at once, a few times a day, and then
 * twice what the device can do. Runs are noisy, one in two thousand stalls, and the
 * cost model was told half of what they take.
 */
export function burstWeek(frames: number, seed: number): FastScript {
  const random = seededRandom(seed);
  const cameras = Array.from({ length: 1_000 }, (_, index) => {
    const periodMs = 500 + 1_500 * random();
    const phaseMs = periodMs * random();
    const jitterMs = 40 * random();
    return {
      source: `camera ${index}`,
      name: `camera ${index}`,
      sloMs: 200 + 100 * (index % 4),
      weight: index % 50 === 0 ? ('critical' as const) : index % 3 === 0 ? ('low' as const) : ('normal' as const),
      shape,
      next(capturedMonoMs: number): number {
        const due = capturedMonoMs < 0 ? phaseMs : capturedMonoMs + periodMs + jitterMs * (random() - 0.5);
        // A burst of 8 to 50 s; a thousand frames a second while it lasts.
        const sinceMs = due % cycleMs;
        const burst = Math.floor(due / cycleMs);
        const lastsMs = 8_000 + 6_000 * (burst % 8);
        return sinceMs < lastsMs ? due : (burst + 1) * cycleMs + phaseMs;
      },
    };
  });
  const launchMs = 1;
  return {
    endMonoMs: 7 * 24 * hourMs,
    warmed: { live: [1, 2, 4, 8], archive: [1, 2, 4, 8, 16, 32] },
    promisedMs: (_lane, batch) => 0.5 * (launchMs + 1.6 * batch),
    durationMs(_lane, batch, run) {
      const stallMs = run % 2_000 === 1_999 ? 900 : 0;
      return (launchMs + 1.6 * batch) * (1 + 0.3 * random()) + stallMs;
    },
    cameras,
    archive: { shape, frames: Math.ceil(frames / 4) },
    stopAfterFrames: frames,
  };
}

/** What must hold of any such week, as sentences about what did not. */
export function flawsOf(log: FastLog, frames: number): string[] {
  const { scheduler, captured, analysed, inTime, dropped, mostWaiting } = log;
  const flaws: string[] = [];
  const holds = (isTrue: boolean, what: string): void => {
    if (!isTrue) flaws.push(what);
  };
  const gaveWay = [...dropped.values()].reduce((sum, count) => sum + count, 0);
  const inRun = scheduler.running?.lane === 'live' ? scheduler.running.tickets.length : 0;
  const settled = analysed + gaveWay + scheduler.live.waiting + inRun;
  holds(settled === captured, `captured ${captured}, but ${settled} are accounted for`);
  holds(inTime >= 0.97 * analysed, `only ${inTime} of ${analysed} results were in time`);
  const mean = (isOne: (index: number) => boolean): number => {
    const own = [...log.analysedBy].filter((_, index) => isOne(index));
    return own.reduce((sum, count) => sum + count, 0) / own.length;
  };
  const each = captured / log.analysedBy.length;
  const [critical, normal, low] = [
    mean((index) => index % 50 === 0),
    mean((index) => index % 50 !== 0 && index % 3 !== 0),
    mean((index) => index % 50 !== 0 && index % 3 === 0),
  ];
  holds(critical > 0.85 * each, `critical cameras got ${critical} of ${each}`);
  holds(critical > 1.2 * normal && normal > 1.2 * low, `by weight: ${critical}, ${normal}, ${low}`);
  holds(Math.min(...log.analysedBy) > 0.02 * each, 'a camera was starved');
  holds(log.archiveFrames === Math.ceil(frames / 4), `the archive ran ${log.archiveFrames} frames`);
  holds(mostWaiting.live <= 2 * log.analysedBy.length, `${mostWaiting.live} live frames waited`);
  holds(mostWaiting.archive <= 2 * 32, `${mostWaiting.archive} archive frames waited`);
  holds(log.longestIdleMs <= 5, `the slot stood idle for ${log.longestIdleMs} ms beside a waiting frame`);
  holds(log.decisions <= 2 * (captured + log.runs), `${log.decisions} decisions`);
  return flaws;
}
