import { rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { silenceFfmpeg } from '../ingest/ffmpeg.ts';
import { FrameScaler, planeOf } from '../ingest/frame-scaler.ts';
import { turnRgb } from '../ingest/quarter-turns.ts';
import { openVideoFile } from '../ingest/video-file.ts';
import type { VideoTimeline } from '../ingest/video-timeline.ts';
import { demoImageName, type DemoImagesNews, type DemoImagesOrder } from '../../shared/engine/demo-images.ts';
import { variationOf, type ClipFacts, type Variation } from './variation.ts';

// A process of its own beside others like it: draws its share of the demo pictures and ends.

const SIZE = { width: 640, height: 480 } as const;
const QUALITY = 80;
const MAX_PIXELS = 4096 * 4096;
/** Encoded at once, on libuv's threads, while the next frame is decoded. */
const AT_ONCE = 4;

const say = (news: DemoImagesNews): void => {
  process.send?.(news);
};

interface Wanted {
  readonly number: number;
  readonly variation: Variation;
}

async function draw({ clips, folder, numbers, part, parts }: DemoImagesOrder): Promise<void> {
  const facts = clips.map(factsOf);
  const wanted = numbers.map((number) => ({ number, variation: variationOf(number, facts) }));
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  for (const [clip, path] of clips.entries()) {
    const byFrame = new Map<number, Wanted[]>();
    for (const one of wanted) {
      const { frame } = one.variation;
      if (one.variation.clip !== clip || frame % parts !== part) continue;
      byFrame.set(frame, [...(byFrame.get(frame) ?? []), one]);
    }
    if (byFrame.size === 0) continue;
    const { width, height } = facts[clip]!;
    const scaler = FrameScaler.toRgb(width, height);
    const video = open(path);
    try {
      const last = Math.max(...byFrame.keys());
      for (let frame = 0; frame <= last; frame++) {
        const timed = video.next();
        if (timed === null) throw new Error(`${path} ends before frame ${String(frame)}`);
        const here = byFrame.get(frame);
        if (here === undefined) continue;
        const { bytes, strideBytes } = planeOf(scaler.scale(timed.frame));
        const rows = turnRgb(bytes, strideBytes, width, height, 0);
        for (const one of here) {
          while (underWay.size >= AT_ONCE) await Promise.race(underWay);
          if (failures.length > 0) throw new Error('a picture could not be written', { cause: failures[0] });
          const written = write(rows, { width, height }, one, folder)
            .catch((caught: unknown) => {
              failures.push(caught);
            })
            .finally(() => underWay.delete(written));
          underWay.add(written);
        }
      }
    } finally {
      video.close();
      scaler.close();
    }
  }
  await Promise.all(underWay);
  if (failures.length > 0) throw new Error('a picture could not be written', { cause: failures[0] });
}

/** Whole or not at all under its name, whatever ends this process. */
async function write(
  rows: Uint8Array,
  { width, height }: { width: number; height: number },
  { number, variation }: Wanted,
  folder: string,
): Promise<void> {
  const file = join(folder, demoImageName(number));
  const frame = sharp(rows, { raw: { width, height, channels: 3 } }).extract(variation.crop);
  await (variation.mirrored ? frame.flop() : frame)
    .resize({ ...SIZE, fit: 'fill', kernel: 'linear' })
    .linear(variation.brightness, 0)
    .jpeg({ quality: QUALITY })
    .toFile(`${file}.part`);
  await rename(`${file}.part`, file);
  say({ type: 'written', pictures: 1, bytes: (await stat(file)).size });
}

function factsOf(path: string): ClipFacts {
  const video = open(path);
  try {
    const { width, height, durationMs, fps } = video.facts;
    return { width, height, frames: Math.floor(((durationMs ?? 0) * (fps ?? 0)) / 1000) };
  } finally {
    video.close();
  }
}

const open = (path: string): VideoTimeline => openVideoFile(path, { maxPixels: MAX_PIXELS, strict: true });

silenceFfmpeg();
// One thread a picture: there are as many workers as cores.
sharp.concurrency(1);
process.on('disconnect', () => process.exit(1));
process.once('message', (order: DemoImagesOrder) => {
  draw(order).then(
    () => {
      say({ type: 'done' });
      process.disconnect();
    },
    (caught: unknown) => {
      const { message, cause } = caught instanceof Error ? caught : new Error(String(caught));
      say({ type: 'failed', reason: cause instanceof Error ? `${message} (${cause.message})` : message });
    },
  );
});
