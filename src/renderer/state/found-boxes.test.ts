import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FoundFrame, FoundFrames } from '../../shared/domain/camera-timeline.ts';
import type { Result } from '../../shared/errors.ts';
import { foundAt, FoundBoxes } from './found-boxes.ts';

const piece = 30_000;
const nowMs = 60_000 * piece;
beforeEach(() => {
  vi.useFakeTimers({ now: nowMs });
});
afterEach(() => {
  vi.useRealTimers();
});

const frame = (atMs: number): FoundFrame => ({
  atMs,
  width: 640,
  height: 480,
  detections: [{ classIndex: 0, label: 'person', score: 0.9, box: [1, 2, 3, 4], trackId: 7, isStationary: false }],
});

test('a picture has the boxes of its own frame, or of the one just before it', () => {
  const frames = [frame(1_000), frame(1_200), frame(3_000)];
  expect(foundAt(frames, 1_200, 300)?.atMs).toBe(1_200);
  expect(foundAt(frames, 1_390, 300)?.atMs).toBe(1_200);
  expect(foundAt(frames, 1_600, 300)).toBeNull();
  expect(foundAt(frames, 999, 300)).toBeNull();
  expect(foundAt(frames, 9_000, 300)).toBeNull();
  expect(foundAt([], 1_000, 300)).toBeNull();
});

/** A host that knows of these frames, and tells when it is let. */
function opened(frames: readonly FoundFrame[]) {
  const asked: { fromMs: number; tell: () => void }[] = [];
  const boxes = new FoundBoxes(({ fromMs, toMs }) => {
    const found = frames.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
    return new Promise<Result<FoundFrames>>((resolve) => {
      asked.push({
        fromMs,
        tell: () => {
          resolve({ ok: true, value: { untilMs: toMs, frames: found } });
        },
      });
    });
  }, 300);
  return { boxes, asked };
}

test('boxes are waited for, but not for long, and asked for once', async () => {
  const { boxes, asked } = opened([frame(10 * piece + 500)]);
  let isNear = false;
  void boxes.near(10 * piece + 500).then(() => (isNear = true));
  await vi.advanceTimersByTimeAsync(100);
  expect(isNear).toBe(false);
  asked[0]?.tell();
  await vi.advanceTimersByTimeAsync(0);
  expect(isNear).toBe(true);
  expect(boxes.at(10 * piece + 510)).toMatchObject({ capturedAtMs: 10 * piece + 500, width: 640 });
  expect(boxes.at(10 * piece + 470)).toMatchObject({ capturedAtMs: 10 * piece + 470, width: 640 });
  expect(boxes.at(10 * piece + 450).detections).toEqual([]);
  expect(boxes.at(10 * piece + 900).detections).toEqual([]);
  await boxes.near(10 * piece + 700);
  expect(asked.map(({ fromMs }) => fromMs)).toEqual([10 * piece]);

  let isSecondNear = false;
  void boxes.near(30 * piece).then(() => (isSecondNear = true));
  await vi.advanceTimersByTimeAsync(500);
  expect(isSecondNear).toBe(true);
});

test('the next piece is asked for before it is reached, and its first picture may have boxes of the last', async () => {
  const { boxes, asked } = opened([frame(11 * piece - 100)]);
  void boxes.near(11 * piece - 1_000);
  expect(asked.map(({ fromMs }) => fromMs)).toEqual([10 * piece, 11 * piece]);
  for (const { tell } of asked) tell();
  await vi.advanceTimersByTimeAsync(0);
  expect(boxes.at(11 * piece + 50).capturedAtMs).toBe(11 * piece - 100);
});

test('what is being written is asked for again, once a second', async () => {
  const { boxes, asked } = opened([]);
  const atMs = nowMs - 2_000;
  for (let index = 0; index < 50; index++) {
    void boxes.near(atMs);
    for (const { tell } of asked) tell();
    await vi.advanceTimersByTimeAsync(50);
  }
  expect(asked.filter(({ fromMs }) => fromMs <= atMs && atMs < fromMs + piece)).toHaveLength(3);
});
