import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ArchiveItemKind } from '../../shared/engine/protocol.ts';
import { drawTestPattern } from './test-pattern.ts';
import { encodeVideo } from './testing/encode-video.ts';
import { demoFile, IngestProbe } from './testing/ingest-probe.ts';

let folder: string;
let probe: IngestProbe;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-failures-'));
  probe = new IngestProbe({ maxPixels: 100e6 });
});
afterAll(async () => {
  await probe.ingest.close(1000);
  rmSync(folder, { recursive: true });
});

const place = (name: string, content: Uint8Array | string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const pattern = { width: 320, height: 240, fps: 10, seed: 1, rectangles: 2, burst: 1 };
const drawn = (name: string): Buffer => {
  const path = join(folder, name);
  encodeVideo(path, {
    ...pattern,
    frames: 50,
    draw: (frame, rgb) => {
      drawTestPattern(pattern, frame, rgb);
    },
  });
  return readFileSync(path);
};

const camera = readFileSync(demoFile('camera.mp4'));
const still = readFileSync(demoFile('night/still-01.jpg'));

async function fails(path: string, kind: ArchiveItemKind, failure: string, words: RegExp): Promise<void> {
  const end = await probe.end(probe.feed(path, { kind, item: `${path} as ${kind}` }));
  expect(end).toMatchObject({ type: 'item-failed', kind: failure });
  expect(end.type === 'item-failed' && end.reason).toMatch(words);
  expect(probe.of(`${path} as ${kind}`)).toHaveLength(0);
}

describe('a file that cannot be used says why', () => {
  test.each<[name: string, make: () => string, kind: ArchiveItemKind, failure: string, words: RegExp]>([
    ['empty video', () => place('empty.mp4', ''), 'video', 'empty', /0 bytes/],
    ['empty picture', () => place('empty.jpg', ''), 'picture', 'empty', /0 bytes/],
    ['gone', () => join(folder, 'nowhere.mp4'), 'video', 'missing', /not there/],
    ['picture gone', () => join(folder, 'nowhere.jpg'), 'picture', 'missing', /not there/],
    ['text as picture', () => place('text.jpg', 'hello\n'.repeat(99)), 'picture', 'unsupported', /not a picture/],
    ['text as video', () => place('text.mp4', 'hello\n'.repeat(999)), 'video', 'unsupported', /not a video/],
    [
      'SVG',
      () => place('a.png', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
      'picture',
      'unsupported',
      /not a picture/,
    ],
    ['video as picture', () => demoFile('camera.mp4'), 'picture', 'unsupported', /not a picture/],
    ['picture as video', () => demoFile('night/still-01.jpg'), 'video', 'unsupported', /not a video/],
    ['cut JPEG', () => place('cut.jpg', still.subarray(0, 30_000)), 'picture', 'undecodable', /premature end/],
    ['cut JPEG header', () => place('head.jpg', still.subarray(0, 100)), 'picture', 'undecodable', /damaged/],
    [
      'cut MP4 without index',
      () => place('no-index.mp4', drawn('whole.mp4').subarray(0, 8000)),
      'video',
      'undecodable',
      /cut off/,
    ],
    [
      'cut Matroska header',
      () => place('head.mkv', drawn('whole.mkv').subarray(0, 100)),
      'video',
      'undecodable',
      /cut off/,
    ],
    [
      'folder',
      () => {
        mkdirSync(join(folder, 'dir.mp4'));
        return join(folder, 'dir.mp4');
      },
      'video',
      'unsupported',
      /folder/,
    ],
  ])('%s', async (_name, make, kind, failure, words) => {
    await fails(make(), kind, failure, words);
  });

  test.each([
    ['HLS', '#EXTM3U\n#EXTINF:10,\n{}\n#EXT-X-ENDLIST\n', /playlist/],
    ['concat', "ffconcat version 1.0\nfile '{}'\n", /concat/],
    ['SDP', 'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nt=0 0\nm=video 5004 RTP/AVP 96\n', /SDP/],
    ['DASH', '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"></MPD>', /DASH/],
    ['HLS after a byte order mark', '\u{feff}\n#EXTM3U\n#EXTINF:10,\n{}\n', /playlist/],
  ])('a %s list named like a video points nowhere', async (name, text, words) => {
    await fails(place(`${name}.mp4`, text.replace('{}', demoFile('camera.mp4'))), 'video', 'unsupported', words);
  });

  test('too many pixels: refused by the header, with the numbers', async () => {
    const path = place('huge.png', blankPng(50_000, 50_000));
    await fails(path, 'picture', 'too-large', /50000 × 50000 \(2500 million pixels\); at most 100 million/);
    await expect(probe.ingest.still(path, null, 320)).rejects.toMatchObject({ kind: 'too-large' });
  });

  test('a video of too many pixels', async () => {
    await using small = new IngestProbe({ maxPixels: 100_000 });
    expect(await small.end(small.feed(demoFile('camera.mp4')))).toMatchObject({
      type: 'item-failed',
      kind: 'too-large',
      reason: 'It is 768 × 576 (0.4 million pixels); at most 0.1 million are decoded.',
    });
  });
});

describe('a video that breaks', () => {
  test('in the middle: what came before is delivered, then it fails there', async () => {
    const broken = Buffer.from(camera);
    broken.fill(0, 700_000, 760_000);
    const whole = probe.feed(demoFile('camera.mp4'));
    const item = probe.feed(place('broken.mp4', broken));
    expect(await probe.end(item)).toMatchObject({ type: 'item-failed', kind: 'undecodable' });
    const before = probe.of(item);
    expect(before.length).toBeGreaterThan(30);
    expect(before.length).toBeLessThan(60);
    expect(before.map(({ hash }) => hash)).toEqual(
      probe
        .of(whole)
        .slice(0, before.length)
        .map(({ hash }) => hash),
    );
    const again = probe.feed(place('broken-again.mp4', broken), { startFrame: before.length });
    expect(await probe.end(again)).toMatchObject({ type: 'item-failed', kind: 'undecodable' });
    expect(probe.of(again)).toHaveLength(0);
  });

  test.each(['mp4', 'mkv', 'ts'])('a cut off tail of %s is the end', async (container) => {
    const bytes = container === 'mp4' ? camera : drawn(`tail.${container}`);
    const item = probe.feed(place(`cut.${container}`, bytes.subarray(0, Math.floor(bytes.byteLength * 0.6))));
    const end = await probe.end(item);
    expect(end).toMatchObject({ type: 'item-ended', complete: true, frames: probe.of(item).length });
    expect(probe.of(item).length).toBeGreaterThan(10);
  });

  test('a recording that begins between two keyframes is read from the first whole picture', async () => {
    const item = probe.feed(place('mid.ts', drawn('mid-whole.ts').subarray(188 * 40)));
    expect(await probe.end(item)).toMatchObject({ type: 'item-ended', complete: true });
    expect(probe.of(item)[0]?.ticket).toMatchObject({ frame: 0, timeMs: 0 });
  });
});

/** A PNG whose header promises far more than it holds. */
function blankPng(width: number, height: number): Buffer {
  const chunk = (type: string, data: Uint8Array): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.byteLength);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(1000))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
