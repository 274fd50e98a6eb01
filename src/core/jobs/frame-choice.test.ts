import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  chooseFrame,
  createChooser,
  frameNumber,
  frameTimeMs,
  gridFrom,
  seekPts,
  type FrameGrid,
} from './frame-choice.ts';

type Chosen = readonly [frame: number, pts: number];

/** Reads pictures from `first` on; null where the seek turns out to have landed too late. */
function read(grid: FrameGrid, stamps: readonly number[], cursor: number, first = 0): Chosen[] | null {
  let chooser = createChooser(cursor, first === 0);
  const chosen: Chosen[] = [];
  for (const pts of stamps.slice(first)) {
    const choice = chooseFrame(grid, chooser, pts);
    if (choice.tooLate) return null;
    chooser = choice.chooser;
    if (choice.frame !== null) chosen.push([choice.frame, pts]);
  }
  return chosen;
}

const gridOf = (fps: number, denominator = 90_000, startPts = 0): FrameGrid => ({
  timeBase: { numerator: 1, denominator },
  startPts,
  fps,
});

describe('frame k is the first whose time is at least k / fps', () => {
  test('25 pictures a second at 5 fps: every fifth', () => {
    const stamps = Array.from({ length: 50 }, (_, index) => 7_200 + 3_600 * index);
    expect(read(gridOf(5, 90_000, 7_200), stamps, 0)).toEqual(
      Array.from({ length: 10 }, (_, frame) => [frame, 7_200 + 18_000 * frame]),
    );
  });

  test('by definition, for any times and rates', () => {
    fc.assert(
      fc.property(videos, ({ grid, stamps }) => {
        const answers = new Map<number, number>();
        const last = frameNumber(grid, stamps[stamps.length - 1] as number);
        const { timeBase, startPts, fps } = grid;
        // In whole numbers: pts − start ≥ k / fps, both sides times denominator · 1000 · fps.
        const isAtLeast = (pts: number, frame: number): boolean =>
          BigInt(pts - startPts) * BigInt(timeBase.numerator) * BigInt(Math.round(fps * 1000)) >=
          BigInt(frame) * BigInt(timeBase.denominator) * 1000n;
        for (let frame = 0; frame <= last; frame += 1) {
          answers.set(stamps.find((pts) => isAtLeast(pts, frame)) as number, frame);
        }
        // A picture that answers several k is chosen once, as the largest.
        expect(read(grid, stamps, 0)).toEqual([...answers].map(([pts, frame]) => [frame, pts]));
      }),
    );
  });

  test('a source slower than fps is looked at once a picture; numbers in between are left out', () => {
    const stamps = [0, 90_000, 180_000, 270_000];
    expect(read(gridOf(5), stamps, 0)?.map(([frame]) => frame)).toEqual([0, 5, 10, 15]);
  });

  test('times that no binary fraction holds are exact: 29.97 pictures a second at 29.97 fps', () => {
    const grid: FrameGrid = { timeBase: { numerator: 100, denominator: 2_997 }, startPts: 0, fps: 29.97 };
    const stamps = Array.from({ length: 100_000 }, (_, index) => index);
    expect(read(grid, stamps, 0)).toEqual(stamps.map((pts) => [pts, pts]));
  });

  test('pictures before the start are none', () => {
    expect(read(gridOf(5, 1_000, 100), [0, 50, 100, 300], 0)).toEqual([
      [0, 100],
      [1, 300],
    ]);
  });

  test('times are in milliseconds from the start', () => {
    expect(frameTimeMs(gridOf(5, 90_000, 9_000), 99_000)).toBe(1_000);
  });
});

/** Any video: constant, variable or pausing rate, with key frames, in any time base. */
const videos = fc
  .record({
    denominator: fc.constantFrom(1_000, 12_800, 90_000, 30_000),
    numerator: fc.constantFrom(1, 1_001),
    startPts: fc.integer({ min: -1_000, max: 100_000 }),
    fps: fc.constantFrom(0.01, 0.5, 1, 2.5, 5, 7.3, 25, 29.97, 120),
    steps: fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 60 }),
  })
  .map(({ denominator, numerator, startPts, fps, steps }) => {
    let pts = startPts;
    const stamps = [startPts, ...steps.map((step) => (pts += Math.ceil(step / numerator)))];
    return { grid: { timeBase: { numerator, denominator }, startPts, fps }, stamps };
  });

describe('a reader that goes on from any cursor', () => {
  test('finds exactly the frames from there on that an uninterrupted one finds', () => {
    fc.assert(
      fc.property(videos, fc.nat(), fc.nat({ max: 8 }), ({ grid, stamps }, anyCursor, keyDistance) => {
        const whole = read(grid, stamps, 0) ?? [];
        const end = frameNumber(grid, stamps[stamps.length - 1] as number) + 2;
        const cursor = anyCursor % end;
        const target = seekPts(grid, cursor);
        // The container's index leads to the last key frame at or before the target.
        let first = 0;
        stamps.forEach((pts, index) => {
          if (target !== null && pts <= target && index % (keyDistance + 1) === 0) first = index;
        });
        expect(read(grid, stamps, cursor, first)).toEqual(whole.filter(([frame]) => frame >= cursor));
      }),
      { numRuns: 2_000 },
    );
  });

  test('and of a part of the video those of a pass that passes over what is before it', () => {
    fc.assert(
      fc.property(
        videos,
        fc.nat({ max: 5_000 }),
        fc.nat({ max: 9 }),
        fc.nat({ max: 8 }),
        (video, fromMs, cursor, key) => {
          const { stamps } = video;
          const grid = gridFrom(video.grid, fromMs);
          const whole = read(grid, stamps, 0) ?? [];
          expect(whole.every(([, pts]) => frameTimeMs(video.grid, pts) >= fromMs)).toBe(true);
          const first = stamps.find((pts) => frameTimeMs(video.grid, pts) >= fromMs);
          expect(whole[0]?.[1]).toBe(first);
          const target = seekPts(grid, cursor, stamps[0]);
          let start = 0;
          stamps.forEach((pts, index) => {
            if (target !== null && pts <= target && index % (key + 1) === 0) start = index;
          });
          expect(read(grid, stamps, cursor, start)).toEqual(whole.filter(([frame]) => frame >= cursor));
        },
      ),
    );
  });

  test('cursor after cursor, as a job that is killed again and again, finds each frame once', () => {
    fc.assert(
      fc.property(videos, fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), ({ grid, stamps }, batches) => {
        const whole = read(grid, stamps, 0) ?? [];
        const pieces: Chosen[] = [];
        let cursor = 0;
        for (let round = 0; ; round += 1) {
          const target = seekPts(grid, cursor);
          const first =
            target === null
              ? 0
              : Math.max(
                  0,
                  stamps.findLastIndex((pts) => pts <= target),
                );
          const next = (read(grid, stamps, cursor, first) ?? []).slice(0, batches[round % batches.length]);
          if (next.length === 0) break;
          pieces.push(...next);
          cursor = (next[next.length - 1] as Chosen)[0] + 1;
        }
        expect(pieces).toEqual(whole);
      }),
    );
  });

  test('notices a seek that landed behind the cursor', () => {
    const stamps = Array.from({ length: 100 }, (_, index) => 3_600 * index);
    expect(read(gridOf(5), stamps, 4, 20)).toBeNull();
    expect(read(gridOf(5), stamps, 4, 19)).not.toBeNull();
  });
});
