import { describe, expect, test } from 'vitest';
import { chooseFrame, createChooser } from '../../core/jobs/frame-choice.ts';
import { seededRandom } from '../../core/testing/seeded-random.ts';
import { analysisStartMs } from './analysis-phase.ts';

const minute = 60_000;
/** As the application hands them out to cameras that are opened together. */
const staggerOf = (camera: number, analysisFps: number): number => ((camera * 0.382) % 1) * (1000 / analysisFps);

/** When the pictures that are analysed were captured, over a minute. */
function analysed(options: {
  readonly sourceFps: number;
  readonly analysisFps: number;
  readonly staggerMs?: number;
  readonly firstMonoMs?: number;
  readonly knownFps?: number | null;
  readonly jitterMs?: () => number;
}): number[] {
  const { sourceFps, analysisFps, staggerMs = 0, firstMonoMs = 0, knownFps = sourceFps, jitterMs = () => 0 } = options;
  const first = { timeMs: 0, capturedMonoMs: firstMonoMs, sourceFps: knownFps };
  const startPts = Math.round(1000 * analysisStartMs(first, analysisFps, staggerMs));
  const grid = { timeBase: { numerator: 1, denominator: 1_000_000 }, startPts, fps: analysisFps };
  let chooser = createChooser(0, true);
  const taken: number[] = [];
  for (let picture = 0; (picture * 1000) / sourceFps < minute; picture++) {
    const timeMs = (picture * 1000) / sourceFps + (picture === 0 ? 0 : jitterMs());
    const choice = chooseFrame(grid, chooser, Math.ceil(timeMs * 1000));
    chooser = choice.chooser;
    if (choice.frame !== null) taken.push(firstMonoMs + (picture * 1000) / sourceFps);
  }
  return taken;
}

describe('eight cameras whose pictures are taken at the very same moments', () => {
  test.each([
    [10, 4],
    [15, 3],
    [25, 2],
  ])('%d pictures a second, analysed at 5: at most %d come at once', (sourceFps, most) => {
    const together = new Map<number, number>();
    for (let camera = 0; camera < 8; camera++) {
      const taken = analysed({ sourceFps, analysisFps: 5, staggerMs: staggerOf(camera, 5), firstMonoMs: 12_345 });
      expect(taken.length).toBeGreaterThanOrEqual(299);
      for (const atMs of taken) together.set(Math.round(atMs), (together.get(Math.round(atMs)) ?? 0) + 1);
    }
    expect(Math.max(...together.values())).toBeLessThanOrEqual(most);
  });

  test('where every picture is analysed there is nothing to choose, and none is left out', () => {
    for (let camera = 0; camera < 8; camera++) {
      const taken = analysed({ sourceFps: 5, analysisFps: 5, staggerMs: staggerOf(camera, 5), firstMonoMs: 77 });
      expect(taken).toHaveLength(300);
    }
  });
});

test('cameras that were opened at different moments come at moments of their own', () => {
  for (const firstMonoMs of [0, 33, 1_234, 98_765]) {
    for (const staggerMs of [0, 40, 80, 120, 160]) {
      const [first = 0] = analysed({ sourceFps: 25, analysisFps: 5, staggerMs, firstMonoMs });
      const aside = (((first - staggerMs) % 200) + 200) % 200;
      expect(Math.min(aside, 200 - aside)).toBeLessThanOrEqual(20);
    }
  }
});

test.each([null, 10])(
  'time stamps that tremble by a third of a picture keep the rhythm (known rate: %s)',
  (knownFps) => {
    const random = seededRandom(7);
    const jitterMs = (): number => (random() - 0.5) * 66;
    const taken = analysed({ sourceFps: 10, analysisFps: 5, staggerMs: 76.4, firstMonoMs: 26.4, knownFps, jitterMs });
    expect(taken.length).toBeGreaterThanOrEqual(299);
    for (const [index, atMs] of taken.slice(1).entries()) expect(atMs - (taken[index] ?? 0)).toBeCloseTo(200, 6);
  },
);

test('a slow analysis begins with the first picture', () => {
  const first = { timeMs: 0, capturedMonoMs: 4_000, sourceFps: 10 };
  expect(analysisStartMs(first, 0.1, 9_000)).toBe(0);
});
