import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FeedItem } from './messages.ts';
import { drawTestPattern } from './test-pattern.ts';
import { encodeVideo } from './testing/encode-video.ts';
import { IngestProbe } from './testing/ingest-probe.ts';

const pattern = { width: 160, height: 120, fps: 10, seed: 5, rectangles: 2, burst: 1 };
const draw = (frame: number, rgb: Uint8Array): void => {
  drawTestPattern(pattern, frame, rgb);
};

let folder: string;
/** 47 pictures of 100 ms, a keyframe every 12: by containers with and without an index. */
const videos: string[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-sampling-'));
  for (const container of ['mp4', 'ts']) {
    const path = join(folder, `drawn.${container}`);
    encodeVideo(path, { ...pattern, frames: 47, bFrames: 2, draw });
    videos.push(path);
  }
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Pass {
  readonly numbers: readonly number[];
  readonly timesMs: readonly number[];
  readonly hashes: readonly string[];
  readonly expected: number | null | undefined;
  readonly endFrame: number | null;
}

let passes = 0;
async function pass(probe: IngestProbe, path: string, how: Partial<FeedItem>): Promise<Pass> {
  const item = probe.feed(path, { ...how, item: `pass ${String(++passes)}` });
  const end = await probe.end(item);
  const frames = probe.of(item);
  return {
    numbers: frames.map(({ ticket }) => ticket.frame),
    timesMs: frames.map(({ ticket }) => Math.round(ticket.timeMs)),
    hashes: frames.map(({ hash }) => hash),
    expected: probe.told('item-opened').find((news) => news.item === item)?.expectedFrames,
    endFrame: end.type === 'item-ended' ? end.endFrame : null,
  };
}

const steps = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, index) => from + index * step);

/** From any cursor on the very same frames. */
async function goesOn(probe: IngestProbe, path: string, how: Partial<FeedItem>, whole: Pass): Promise<void> {
  for (const startFrame of [1, 2, whole.numbers.length - 1, whole.numbers.length]) {
    const rest = await pass(probe, path, { ...how, startFrame });
    const left = whole.numbers.findIndex((number) => number >= startFrame);
    const from = left < 0 ? whole.numbers.length : left;
    expect(rest.numbers, String(startFrame)).toEqual(whole.numbers.slice(from));
    expect(rest.hashes, String(startFrame)).toEqual(whole.hashes.slice(from));
  }
}

test('every nth frame: by counting, whatever the time', async () => {
  await using probe = new IngestProbe();
  for (const path of videos) {
    const how = { sampling: { every: 7 } } as const;
    const whole = await pass(probe, path, how);
    expect(whole).toMatchObject({ numbers: steps(0, 7, 1), timesMs: steps(0, 4_700, 700), endFrame: 7 });
    expect(new Set(whole.hashes).size).toBe(7);
    await goesOn(probe, path, how, whole);
  }
  expect((await pass(probe, videos[0] ?? '', { sampling: { every: 7 } })).expected).toBe(7);
});

test('keyframes only: those that the video holds whole, as they are in a pass over all of it', async () => {
  await using probe = new IngestProbe();
  for (const path of videos) {
    const all = await pass(probe, path, { sampling: { every: 1 } });
    const how = { sampling: 'keyframes' } as const;
    const whole = await pass(probe, path, how);
    expect(whole).toMatchObject({ numbers: [0, 1, 2, 3], timesMs: [0, 1_200, 2_400, 3_600], expected: null });
    expect(whole.hashes).toEqual([0, 12, 24, 36].map((index) => all.hashes[index]));
    await goesOn(probe, path, how, whole);
  }
});

test('a part of it: numbered from its start, with the times of the whole video', async () => {
  await using probe = new IngestProbe();
  for (const path of videos) {
    const all = await pass(probe, path, { sampling: { every: 1 } });
    const span = { fromMs: 1_450, toMs: 3_500 };
    const rate = await pass(probe, path, { fps: 5, span });
    // 1.5 s is the first picture of the part, and frame k is the first at 1.45 s + k / 5.
    expect(rate).toMatchObject({ numbers: steps(0, 10, 1), timesMs: steps(1_500, 3_500, 200) });
    expect(rate.hashes).toEqual(steps(15, 35, 2).map((index) => all.hashes[index]));
    await goesOn(probe, path, { fps: 5, span }, rate);
    const every = { sampling: { every: 4 }, span } as const;
    const counted = await pass(probe, path, every);
    expect(counted).toMatchObject({ numbers: steps(0, 5, 1), timesMs: steps(1_500, 3_500, 400) });
    await goesOn(probe, path, every, counted);
    const keys = await pass(probe, path, { sampling: 'keyframes', span });
    expect(keys).toMatchObject({ numbers: [0], timesMs: [2_400] });
  }
  const [path = ''] = videos;
  expect((await pass(probe, path, { fps: 5, span: { fromMs: 4_000, toMs: null } })).timesMs).toEqual(
    steps(4_000, 4_700, 200),
  );
  // A video that ends before the part begins is done, with nothing in it.
  expect(await pass(probe, path, { span: { fromMs: 60_000, toMs: null } })).toMatchObject({ numbers: [], endFrame: 0 });
});
