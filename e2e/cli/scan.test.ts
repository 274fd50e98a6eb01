import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freshDataDir } from '../fixtures/data-dir.ts';
import { Command, demoCamera, demoNight, run } from './command.ts';

interface ScanJson {
  readonly jobId: string;
  readonly items: { readonly total: number; readonly done: number; readonly skipped: number; readonly failed: number };
  readonly failures: readonly { readonly path: string; readonly kind: string; readonly reason: string }[];
  readonly frames: number;
  readonly detections: number;
  readonly imagesPerSecond: number;
}

let folder: Awaited<ReturnType<typeof freshDataDir>>;
beforeEach(async () => {
  folder = await freshDataDir();
});
afterEach(() => folder.remove());
const at = (...names: string[]): string => join(folder.path, ...names);

test('a video is scanned once: asked again, nothing is left to do and the totals are the same', async () => {
  const args = ['scan', demoCamera, '--data', at('data'), '--json'];
  const first = await run<ScanJson>(args);
  expect(first).toMatchObject({ code: 0, json: { items: { total: 1, done: 1, skipped: 0, failed: 0 }, frames: 100 } });
  const second = await run<ScanJson>(args);
  expect(second).toMatchObject({
    code: 0,
    json: { jobId: first.json.jobId, items: { total: 1, done: 0, skipped: 1 }, frames: 0 },
  });
  expect(second.json.detections).toBe(first.json.detections);

  const report = await run(['report', '--format', 'json', '--out', at('report.json'), '--data', at('data'), '--json']);
  expect(report).toMatchObject({ code: 0, json: { rows: first.json.detections } });
  const { totals, detections } = JSON.parse(await readFile(at('report.json'), 'utf8')) as {
    totals: { frames: number; byClass: Record<string, number> };
    detections: { class: string; frame: number; score: number }[];
  };
  expect(totals.frames).toBe(100);
  // Three to nine people walk there; each is found in most frames.
  expect(totals.byClass['person']).toBeGreaterThan(300);
  expect(detections.filter((found) => found.frame === 50 && found.class === 'person').length).toBeGreaterThanOrEqual(3);
  expect(Math.min(...detections.map((found) => found.score))).toBeGreaterThanOrEqual(0.5);
});

test('bad files fail alone, each with its reason, and stay listed', async () => {
  await mkdir(at('pictures'));
  const good = await readFile(join(demoNight, 'still-01.jpg'));
  for (let n = 0; n < 20; n++) {
    const stripe = { create: { width: 64, height: 8, channels: 3 as const, background: { r: n * 10, g: 40, b: 90 } } };
    const picture = await sharp(good)
      .composite([{ input: stripe, left: 0, top: n * 8 }])
      .jpeg()
      .toBuffer();
    await writeFile(at('pictures', `good-${String(n)}.jpg`), picture);
  }
  await writeFile(at('pictures', 'cut.jpg'), good.subarray(0, 20_000));
  await writeFile(at('pictures', 'words.jpg'), 'These are words.');
  await writeFile(at('pictures', 'nothing.mp4'), '');
  await writeFile(at('pictures', 'huge.png'), hugePng(50_000, 50_000));
  const args = ['scan', at('pictures'), '--data', at('data'), '--json'];
  const { code, json } = await run<ScanJson>(args);
  expect(code).toBe(3);
  expect(json.items).toEqual({ total: 24, done: 20, skipped: 0, failed: 4 });
  expect(
    Object.fromEntries(json.failures.map(({ path, kind }) => [path.slice(at('pictures').length + 1), kind])),
  ).toEqual({
    'cut.jpg': 'undecodable',
    'words.jpg': 'unsupported',
    'nothing.mp4': 'empty',
    'huge.png': 'too-large',
  });
  for (const { reason } of json.failures) expect(reason.length).toBeGreaterThan(10);
  const again = await run<ScanJson>(args);
  expect(again).toMatchObject({ code: 3, json: { frames: 0, items: { done: 0, skipped: 20, failed: 4 } } });
});

test.each([
  ['a path that is not there', ['scan', '/no/such/folder'], 1, /nothing at this path.*\/no\/such\/folder.*mounted/s],
  [
    'a text file as model',
    ['scan', demoNight, '--model', 'package.json'],
    1,
    /not a model folder.*package\.json.*manifest\.json/s,
  ],
  ['a model nobody has', ['scan', demoNight, '--model', 'yolo-99'], 1, /no model "yolo-99".*nanodet-g/s],
  ['a tier nobody has', ['scan', demoNight, '--tier', 'huge'], 2, /fast, normal, accurate/],
  ['a scheme that could run things', ['live', 'exec:ls', '--seconds', '1'], 1, /"exec:".*rtsp/s],
  ['an unknown option', ['scan', demoNight, '--turbo'], 2, /--turbo/],
  [
    'a report into a folder that is not there',
    ['report', '--format', 'csv', '--out', '/no/such/folder/r.csv'],
    1,
    /\/no\/such\/folder/,
  ],
])('%s: the error names what, where and what to try', async (_, args, code, words) => {
  const finished = await run([...args, '--data', at('data')]);
  expect(finished.stderr).toMatch(words);
  expect(finished.code).toBe(code);
});

test('eight silent sockets posing as cameras do not slow a scan; a camera that refuses says so, and nothing waits for ever', async () => {
  // Long enough that what a start costs is a small part of it.
  const args = ['scan', demoNight, '--tier', 'fast', '--fps', '10', '--batch', '4', '--data'];
  const quiet = await run<ScanJson>([...args, at('quiet'), '--json']);
  const sockets = new Set<Socket>();
  const silent: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const address = silent.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    const urls = Array.from({ length: 8 }, (_, n) => `rtsp://127.0.0.1:${String(port)}/${String(n)}`);
    const command = new Command([
      'live',
      ...urls,
      'http://127.0.0.1:1',
      '--allow-loopback',
      // The clock starts after the ten seconds in which a first picture is waited for: the scan is done by then.
      '--seconds',
      '8',
      '--scan',
      demoNight,
      '--tier',
      'fast',
      '--fps',
      '10',
      '--batch',
      '4',
      '--data',
      at('data'),
      '--json',
    ]);
    const { code, stderr, json } = await command.finished<{ cameras: { captured: number }[]; archive?: ScanJson }>();
    expect(code).toBe(1);
    expect(stderr).toMatch(/127\.0\.0\.1:1: offline: .*refused/is);
    expect(json.cameras).toHaveLength(9);
    expect(json.cameras.every((camera) => camera.captured === 0)).toBe(true);
    expect(json.archive?.items).toMatchObject({ done: quiet.json.items.done, failed: 0 });
    expect(sockets.size).toBeGreaterThanOrEqual(8);
    expect(json.archive?.imagesPerSecond ?? 0).toBeGreaterThan(quiet.json.imagesPerSecond * 0.5);
  } finally {
    for (const socket of sockets) socket.destroy();
    silent.close();
  }
}, 180_000);

/** A valid PNG header of any size with a few rows of nothing: 300 kB would be the whole, its head is enough. */
function hugePng(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    const check = Buffer.alloc(4);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, check]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1; // one bit a pixel
  const rows = deflateSync(Buffer.alloc(10 * (1 + width / 8)));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
