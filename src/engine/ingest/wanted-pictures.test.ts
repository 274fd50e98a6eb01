import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeVideo } from './testing/encode-video.ts';
import { IngestProbe } from './testing/ingest-probe.ts';

/** 30 s at 10 pictures a second with a keyframe every 2 s; each picture is one grey that names it. */
const fps = 10;
const frames = 300;
const greyOf = (frame: number): number => 40 + (frame % 75) * 2;
let folder = '';
let clip = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-wanted-'));
  clip = join(folder, 'clip.mp4');
  encodeVideo(clip, {
    ...{ width: 64, height: 64, fps, frames, gop: 20 },
    encoderOptions: { crf: '10', preset: 'ultrafast' },
    draw: (frame, rgb) => rgb.fill(greyOf(frame)),
  });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function pick(timesMs: readonly number[], startFrame = 0) {
  await using probe = new IngestProbe();
  const item = probe.feed(clip, { wanted: { timesMs, toleranceMs: 250 }, startFrame });
  const end = await probe.end(item);
  const picked = probe.of(item).map(({ ticket, frame }) => {
    const { width, height } = frame;
    const grey = frame.bytes[(Math.floor(height / 2) * width + Math.floor(width / 2)) * 3] ?? 0;
    return { moment: ticket.frame, timeMs: Math.round(ticket.timeMs), grey };
  });
  return { picked, end };
}

test('the pictures nearest to the moments, whichever way is gone to them', async () => {
  // The first, two neighbours, one between two pictures, one after a jump, two answered by one picture, the last.
  const timesMs = [-30, 1_000, 1_100, 1_260, 20_010, 20_040, 29_910];
  const { picked, end } = await pick(timesMs);
  expect(picked.map(({ moment, timeMs }) => [moment, timeMs])).toEqual([
    [0, 0],
    [1, 1_000],
    [2, 1_100],
    [3, 1_300],
    [4, 20_000],
    [5, 20_000],
    [6, 29_900],
  ]);
  for (const { timeMs, grey } of picked) expect(Math.abs(grey - greyOf(timeMs / 100)), String(timeMs)).toBeLessThan(3);
  expect(end).toMatchObject({ type: 'item-ended', complete: true, endFrame: timesMs.length });
});

test('moments without a picture are left out, and it can be begun in the middle', async () => {
  const { picked, end } = await pick([500, 10_000, 31_000, 60_000], 1);
  expect(picked.map(({ moment, timeMs }) => [moment, timeMs])).toEqual([[1, 10_000]]);
  expect(end).toMatchObject({ type: 'item-ended', complete: true, endFrame: 4 });
});

test('a file that is no video fails with the reason', async () => {
  const broken = join(folder, 'broken.mp4');
  writeFileSync(broken, 'no footage');
  await using probe = new IngestProbe();
  const item = probe.feed(broken, { wanted: { timesMs: [0], toleranceMs: 250 } });
  expect((await probe.end(item)).type).toBe('item-failed');
});
