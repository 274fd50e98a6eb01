import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { demoFile, IngestProbe } from './testing/ingest-probe.ts';
import { encodeVideo } from './testing/encode-video.ts';
import { drawTestPattern } from './test-pattern.ts';

const pattern = { width: 320, height: 240, fps: 10, seed: 3, rectangles: 3, burst: 1 };
const draw = (frame: number, rgb: Uint8Array): void => {
  drawTestPattern(pattern, frame, rgb);
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-resume-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Frames of a pass from a cursor on, as number, time and pixels. */
async function pass(probe: IngestProbe, path: string, startFrame: number, fps: number): Promise<string[]> {
  const item = probe.feed(path, { item: `${path}@${String(startFrame)}`, startFrame, fps });
  const end = await probe.end(item);
  const frames = probe.of(item);
  expect(end).toMatchObject({ type: 'item-ended', complete: true, frames: frames.length });
  return frames.map(({ ticket, hash }) => `${String(ticket.frame)} ${String(ticket.timeMs)} ${hash}`);
}

async function everyCursorGivesTheSame(path: string, fps: number, cursors?: readonly number[]): Promise<string[]> {
  await using probe = new IngestProbe();
  const whole = await pass(probe, path, 0, fps);
  const numbers = whole.map((frame) => Number(frame.split(' ')[0]));
  for (const cursor of cursors ?? Array.from({ length: (numbers.at(-1) ?? 0) + 3 }, (_, index) => index)) {
    const rest = whole.filter((_, index) => (numbers[index] ?? 0) >= cursor);
    expect(await pass(probe, path, cursor, fps), `from frame ${String(cursor)}`).toEqual(rest);
  }
  return whole;
}

test('the demo camera, from cursors all over it: the very same frames', async () => {
  // Around keyframes (every 10 frames at this rate), inside groups, at both ends.
  const whole = await everyCursorGivesTheSame(demoFile('camera.mp4'), 5, [1, 9, 10, 11, 37, 50, 89, 99, 100, 101]);
  expect(whole).toHaveLength(100);
  expect(new Set(whole.map((frame) => frame.split(' ')[2])).size).toBe(100);
});

test.each([
  ['mp4', 'libx264', 3],
  ['mkv', 'libx264', 3],
  ['mp4', 'libx265', 3],
  ['webm', 'libvpx', 0],
  // Without an index that can be trusted the reader comes from the start.
  ['avi', 'mpeg4', 0],
  ['ts', 'libx264', 2],
])('a drawn video in %s by %s with %i B-frames, from any cursor', async (container, encoder, bFrames) => {
  const path = join(folder, `${encoder}.${container}`);
  encodeVideo(path, { ...pattern, frames: 47, encoder, bFrames, draw });
  expect(await everyCursorGivesTheSame(path, 4)).toHaveLength(19);
});

test('keyframes that open groups across their start', async () => {
  const path = join(folder, 'open-gop.mp4');
  encodeVideo(path, {
    ...pattern,
    frames: 60,
    bFrames: 3,
    encoderOptions: { 'x264-params': 'open-gop=1:keyint=10:min-keyint=10:scenecut=0:b-adapt=0' },
    draw,
  });
  expect(await everyCursorGivesTheSame(path, 10)).toHaveLength(60);
});

test('a video with a pause keeps its times, and numbers follow them', async () => {
  const path = join(folder, 'pause.mp4');
  encodeVideo(path, { ...pattern, frames: 30, draw, pts: (frame) => (frame < 15 ? frame : frame + 40) * 1000 });
  const whole = await everyCursorGivesTheSame(path, 5);
  const numbers = whole.map((frame) => Number(frame.split(' ')[0]));
  expect(numbers).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 27, 28, 29, 30, 31, 32, 33, 34]);
});

test('more frames asked for than there are: each is analysed once', async () => {
  const path = join(folder, 'slow.mp4');
  encodeVideo(path, { ...pattern, fps: 2, frames: 8, draw });
  const whole = await everyCursorGivesTheSame(path, 10);
  expect(whole.map((frame) => frame.split(' ').slice(0, 2).join(' '))).toEqual(
    [0, 1, 2, 3, 4, 5, 6, 7].map((frame) => `${String(frame * 5)} ${String(frame * 500)}`),
  );
});
