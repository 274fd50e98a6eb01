import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drawTestPattern, testRectangles } from './test-pattern.ts';
import { encodeVideo } from './testing/encode-video.ts';
import { demoFile, IngestProbe } from './testing/ingest-probe.ts';

let folder: string;
let probe: IngestProbe;
beforeAll(() => {
  probe = new IngestProbe();
  folder = mkdtempSync(join(tmpdir(), 'nightshift-stills-'));
});
afterAll(async () => {
  await probe.ingest.close(1000);
  rmSync(folder, { recursive: true });
});

test('what a file is', async () => {
  expect(await probe.ingest.inspect(demoFile('camera.mp4'))).toEqual({
    kind: 'video',
    width: 768,
    height: 576,
    codec: 'h264',
    durationMs: 20_000,
    fps: 10,
  });
  expect(await probe.ingest.inspect(demoFile('night/still-01.jpg'))).toEqual({
    kind: 'picture',
    width: 768,
    height: 576,
    codec: 'jpeg',
    durationMs: null,
    fps: null,
  });
  await expect(probe.ingest.inspect(demoFile('README.md'))).rejects.toMatchObject({ kind: 'unsupported' });
  await expect(probe.ingest.inspect(demoFile('nothing.mp4'))).rejects.toMatchObject({ kind: 'missing' });
});

/** Which picture of the drawn video a still shows, told by where its red rectangle is. */
test('a still of a video is the picture that was analysed at that time', async () => {
  const pattern = { width: 320, height: 240, fps: 29.97, seed: 5, rectangles: 1, burst: 1 };
  const path = join(folder, 'ntsc.mp4');
  encodeVideo(path, {
    ...pattern,
    frames: 90,
    bFrames: 2,
    draw: (frame, rgb) => {
      drawTestPattern({ ...pattern, fps: 2 }, frame, rgb);
    },
  });
  const item = probe.feed(path, { fps: 10 });
  await probe.end(item);
  for (const index of [0, 1, 7, 8, 20, 29]) {
    const ticket = probe.of(item)[index]?.ticket;
    if (ticket === undefined) throw new Error('no such frame');
    const shown = Math.round((ticket.timeMs * 29.97) / 1000);
    // As it is, and as a store with whole milliseconds would have it.
    for (const timeMs of [ticket.timeMs, Math.round(ticket.timeMs), Math.floor(ticket.timeMs)]) {
      const left = await redLeft(await probe.ingest.still(path, timeMs, 320));
      expect(Math.abs(left - (testRectangles({ ...pattern, fps: 2 }, shown)[0]?.x ?? 0))).toBeLessThan(3);
    }
  }
  const late = await redLeft(await probe.ingest.still(path, 3_600_000, 320));
  expect(Math.abs(late - (testRectangles({ ...pattern, fps: 2 }, 89)[0]?.x ?? 0))).toBeLessThan(3);
});

async function redLeft(jpeg: Uint8Array): Promise<number> {
  const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
  for (let x = 0; x < info.width; x++) {
    for (let y = 0; y < info.height; y++) {
      const at = (y * info.width + x) * info.channels;
      if ((data[at] ?? 0) > 200 && (data[at + 1] ?? 0) < 80) return x;
    }
  }
  return -1;
}

test('stills are at most as wide as asked, and never enlarged', async () => {
  for (const [path, timeMs] of [
    [demoFile('camera.mp4'), 1500],
    [demoFile('night/still-01.jpg'), null],
  ] as const) {
    expect(await sharp(await probe.ingest.still(path, timeMs, 320)).metadata()).toMatchObject({
      format: 'jpeg',
      width: 320,
      height: 240,
    });
    expect(await sharp(await probe.ingest.still(path, timeMs, 1920)).metadata()).toMatchObject({ width: 768 });
  }
});

test('more requests than can wait are refused, the others answered', async () => {
  const asked = Array.from({ length: 300 }, () => probe.ingest.inspect(demoFile('night/still-02.jpg')));
  const answers = await Promise.allSettled(asked);
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(257);
});

test('a worker that dies over one request answers the next', async () => {
  await using unlucky = new IngestProbe({ workerFile: new URL('./testing/unreliable-worker.ts', import.meta.url) });
  const deadly = unlucky.ingest.inspect(join(folder, 'deadly.mp4'));
  const next = unlucky.ingest.inspect(demoFile('camera.mp4'));
  await expect(deadly).rejects.toMatchObject({ kind: 'undecodable' });
  expect(await next).toMatchObject({ kind: 'video' });
});

test('closing answers whoever still waits', async () => {
  const { ingest } = new IngestProbe();
  const waiting = [ingest.inspect(demoFile('camera.mp4')), ingest.still(demoFile('camera.mp4'), 0, 320)];
  const answers = Promise.allSettled(waiting);
  await ingest.close(1000);
  expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});
