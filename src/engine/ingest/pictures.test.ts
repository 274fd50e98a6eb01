import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { machineClock } from './clock.ts';
import type { FeedPicture } from './messages.ts';
import { demoFile, IngestProbe, type Arrived } from './testing/ingest-probe.ts';

let folder: string;
let probe: IngestProbe;
beforeAll(() => {
  probe = new IngestProbe({ maxPixels: 1_000_000 });
  folder = mkdtempSync(join(tmpdir(), 'nightshift-pictures-'));
});
afterAll(async () => {
  await probe.ingest.close(1000);
  rmSync(folder, { recursive: true });
});

let frames = 0;
function feed(bytes: Uint8Array, changes: Partial<FeedPicture> = {}): number {
  const frame = ++frames;
  probe.ingest.feedPicture({
    type: 'feed-picture',
    lane: 'live',
    source: 'api',
    frame,
    bytes,
    input: { width: 160, height: 128 },
    multipleOf: 0,
    padding: 114,
    capturedMonoMs: 17,
    capturedAtMs: 18,
    deadlineMonoMs: null,
    ...changes,
  });
  return frame;
}

async function arrivalOf(frame: number): Promise<Arrived> {
  const find = (): Arrived | undefined => probe.of('api').find(({ ticket }) => ticket.frame === frame);
  await probe.until(() => find() !== undefined);
  return find()!;
}

async function failureOf(frame: number): Promise<{ kind: string; reason: string }> {
  const find = () => probe.told('picture-failed').find((news) => news.frame === frame);
  await probe.until(() => find() !== undefined);
  const { kind, reason } = find()!;
  return { kind, reason };
}

const noise = (seed: number): Buffer => {
  const rows = Buffer.alloc(200 * 120 * 3);
  for (let index = 0, value = seed; index < rows.length; index++) {
    value = (value * 1_103_515_245 + 12_345) % 2_147_483_648;
    rows[index] = value >> 16;
  }
  return rows;
};
const drawn = (seed: number): Sharp => sharp(noise(seed), { raw: { width: 200, height: 120, channels: 3 } });

test('a picture from memory has the very pixels that its file has, turned upright, in every format', async () => {
  const pictures = {
    'plain.jpg': await drawn(1).jpeg({ quality: 80 }).toBuffer(),
    'turned.jpg': await drawn(2).jpeg().withMetadata({ orientation: 6 }).toBuffer(),
    'plain.png': await drawn(3).png().toBuffer(),
    'plain.webp': await drawn(4).webp().toBuffer(),
    'demo.jpg': readFileSync(demoFile('night/still-01.jpg')),
  };
  for (const [name, bytes] of Object.entries(pictures)) {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    probe.feed(path, { kind: 'picture', input: { width: 160, height: 128 } });
    await probe.end(path);
    const [file] = probe.of(path);
    // As it arrives from another process: part of a larger buffer.
    const whole = new Uint8Array(bytes.length + 10);
    whole.set(bytes, 5);
    const memory = await arrivalOf(feed(whole.subarray(5, 5 + bytes.length)));
    expect(memory.hash, name).toBe(file?.hash);
    const { sourceWidth, sourceHeight } = memory.ticket;
    expect({ sourceWidth, sourceHeight }, name).toEqual({
      sourceWidth: file?.ticket.sourceWidth,
      sourceHeight: file?.ticket.sourceHeight,
    });
    const { bytes: _memoryBytes, ...place } = memory.frame;
    const { bytes: _fileBytes, ...filePlace } = file!.frame;
    expect(place, name).toEqual(filePlace);
  }
});

test('its ticket has the lane, the times and the deadline that it was handed in with', async () => {
  const bytes = await drawn(5).jpeg().toBuffer();
  const deadlineMonoMs = machineClock.monoMs() + 60_000;
  const live = (await arrivalOf(feed(bytes, { deadlineMonoMs }))).ticket;
  expect(live).toMatchObject({ lane: 'live', source: 'api', capturedMonoMs: 17, capturedAtMs: 18, deadlineMonoMs });
  const archive = (await arrivalOf(feed(bytes, { lane: 'archive' }))).ticket;
  expect(archive.lane).toBe('archive');
  expect(archive).not.toHaveProperty('deadlineMonoMs');
});

test('what cannot be used is told with its kind, and those around it go on', async () => {
  const good = await drawn(6).jpeg().toBuffer();
  const before = feed(good);
  const text = feed(Buffer.from('this is no picture'));
  const cut = feed(good.subarray(0, good.length / 2));
  const large = feed(
    await sharp({ create: { width: 1100, height: 1000, channels: 3, background: '#888' } })
      .png()
      .toBuffer(),
  );
  const late = feed(good, { deadlineMonoMs: machineClock.monoMs() - 1 });
  const after = feed(good);
  expect((await failureOf(text)).kind).toBe('unsupported');
  expect((await failureOf(cut)).kind).toBe('undecodable');
  expect(await failureOf(large)).toMatchObject({ kind: 'too-large', reason: expect.stringContaining('1100 × 1000') });
  expect((await failureOf(late)).kind).toBe('timed-out');
  expect((await arrivalOf(before)).hash).toBe((await arrivalOf(after)).hash);
});

test('more than it can hold are refused at once, and the rest are decoded', async () => {
  const bytes = await drawn(7).jpeg().toBuffer();
  const many = Array.from({ length: 300 }, () => feed(bytes));
  expect(await failureOf(many[299]!)).toMatchObject({ kind: 'timed-out' });
  await arrivalOf(many[0]!);
  const refused = probe.told('picture-failed').filter((news) => many.includes(news.frame)).length;
  await probe.until(() => probe.of('api').filter(({ ticket }) => many.includes(ticket.frame)).length === 300 - refused);
  expect(refused).toBeLessThanOrEqual(300 - 256);
});
