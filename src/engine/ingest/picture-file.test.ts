import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { IngestProbe, type Arrived } from './testing/ingest-probe.ts';
import { encodeVideo } from './testing/encode-video.ts';

let folder: string;
let probe: IngestProbe;
beforeAll(() => {
  probe = new IngestProbe();
  folder = mkdtempSync(join(tmpdir(), 'nightshift-pictures-'));
});
afterAll(async () => {
  await probe.ingest.close(1000);
  rmSync(folder, { recursive: true });
});

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A grey picture with one pure green box. */
function drawBox(width: number, height: number, box: Box, rgb = new Uint8Array(width * height * 3)): Uint8Array {
  rgb.fill(114);
  for (let y = box.y; y < box.y + box.height; y++) {
    for (let x = box.x; x < box.x + box.width; x++) rgb.set([0, 255, 0], (y * width + x) * 3);
  }
  return rgb;
}

/** The green box as found in the letterboxed input, to a part of a pixel, carried back into source pixels. */
function findBox({ frame }: Arrived): Box {
  const { bytes, width, height, scale, offsetX, offsetY } = frame;
  const share = (x: number, y: number): number => {
    const at = (y * width + x) * 3;
    return Math.min(1, Math.max(0, ((bytes[at + 1] ?? 0) - (bytes[at] ?? 0)) / 255));
  };
  const columns = Array.from({ length: width }, (_, x) =>
    Math.max(...Array.from({ length: height }, (_, y) => share(x, y))),
  );
  const rows = Array.from({ length: height }, (_, y) =>
    Math.max(...Array.from({ length: width }, (_, x) => share(x, y))),
  );
  const edges = (line: number[]): [start: number, length: number] => {
    const first = line.findIndex((value) => value > 0.5);
    const last = line.findLastIndex((value) => value > 0.5);
    const sum = (from: number, to: number): number => line.slice(Math.max(0, from), to).reduce((a, b) => a + b, 0);
    // What is left of the first full pixel in part belongs to the box.
    const start = first + 2 - sum(first - 3, first + 2);
    return [start, last - 1 + sum(last - 1, last + 4) - start];
  };
  const [x, w] = edges(columns);
  const [y, h] = edges(rows);
  return { x: (x - offsetX) / scale, y: (y - offsetY) / scale, width: w / scale, height: h / scale };
}

function expectSameBox(found: Box, drawn: Box): void {
  for (const side of ['x', 'y', 'width', 'height'] as const) {
    expect(Math.abs(found[side] - drawn[side]), `${side} of ${JSON.stringify(found)}`).toBeLessThan(1);
  }
}

const sizes: [width: number, height: number][] = [
  [640, 480],
  [480, 640],
  [1280, 720],
  [333, 250],
  [64, 64],
  [300, 900],
];

test.each(sizes)('boxes of a %i × %i picture lead back to its own pixels', async (width, height) => {
  const box = {
    x: Math.round(width * 0.31),
    y: Math.round(height * 0.42),
    width: Math.round(width * 0.35),
    height: Math.round(height * 0.27),
  };
  const path = join(folder, `${String(width)}x${String(height)}.png`);
  await sharp(drawBox(width, height, box), { raw: { width, height, channels: 3 } })
    .png()
    .toFile(path);
  for (const input of [
    { width: 416, height: 320 },
    { width: 320, height: 320 },
  ]) {
    const item = probe.feed(path, { kind: 'picture', input, item: `${path} ${String(input.width)}` });
    await probe.end(item);
    const arrived = probe.of(item)[0];
    if (arrived === undefined) throw new Error('no frame came');
    expect(arrived.ticket).toMatchObject({ frame: 0, timeMs: 0, sourceWidth: width, sourceHeight: height });
    expectSameBox(findBox(arrived), box);
  }
});

test.each(sizes.filter(([width, height]) => width % 2 === 0 && height % 2 === 0))(
  'boxes of a %i × %i video lead back to its own pixels',
  async (width, height) => {
    const even = (value: number): number => Math.round(value / 2) * 2;
    const box = {
      x: even(width * 0.31),
      y: even(height * 0.42),
      width: even(width * 0.35),
      height: even(height * 0.27),
    };
    const path = join(folder, `${String(width)}x${String(height)}.mp4`);
    encodeVideo(path, {
      width,
      height,
      fps: 5,
      frames: 2,
      encoderOptions: { crf: '4' },
      draw: (_, rgb) => void drawBox(width, height, box, rgb as Uint8Array<ArrayBuffer>),
    });
    const item = probe.feed(path, { input: { width: 416, height: 320 } });
    await probe.end(item);
    const arrived = probe.of(item)[0];
    if (arrived === undefined) throw new Error('no frame came');
    expectSameBox(findBox(arrived), box);
  },
);

const upright = { width: 240, height: 320 };
const uprightBox = { x: 30, y: 200, width: 60, height: 80 };

test.each([1, 2, 3, 4, 5, 6, 7, 8])('EXIF orientation %i is shown upright', async (orientation) => {
  const { width, height } = upright;
  const picture = (): Sharp => sharp(drawBox(width, height, uprightBox), { raw: { ...upright, channels: 3 } });
  const turned = async (degrees: number): Promise<Sharp> => sharp(await picture().rotate(degrees).png().toBuffer());
  // Stored so that the orientation leads back to the upright picture.
  const stored: Record<number, () => Sharp | Promise<Sharp>> = {
    1: picture,
    2: () => picture().flop(),
    3: () => turned(180),
    4: () => picture().flip(),
    5: async () => (await turned(90)).flop(),
    6: () => turned(270),
    7: async () => (await turned(270)).flop(),
    8: () => turned(90),
  };
  const path = join(folder, `orientation-${String(orientation)}.jpg`);
  await (
    await stored[orientation]?.()
  )
    ?.withMetadata({ orientation })
    .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
    .toFile(path);
  await probe.end(probe.feed(path, { kind: 'picture', input: { width: 320, height: 320 } }));
  const arrived = probe.of(path)[0];
  if (arrived === undefined) throw new Error('no frame came');
  expect(arrived.ticket).toMatchObject({ sourceWidth: width, sourceHeight: height });
  expectSameBox(findBox(arrived), uprightBox);
  expect(await probe.ingest.inspect(path)).toMatchObject({ width, height });
  expect(await sharp(await probe.ingest.still(path, null, 640)).metadata()).toMatchObject({ width, height });
});

test.each<[turns: number, turn: readonly [number, number, number, number]]>([
  [1, [0, 1, -1, 0]],
  [2, [-1, 0, 0, -1]],
  [3, [0, -1, 1, 0]],
])('a video that asks for %i quarter turns is shown upright', async (turns, turn) => {
  // Where the upright box is stored before the turn.
  const { width, height } = upright;
  const { x, y, width: w, height: h } = uprightBox;
  const [stored, box] = {
    1: [
      { width: height, height: width },
      { x: y, y: width - x - w, width: h, height: w },
    ],
    2: [upright, { x: width - x - w, y: height - y - h, width: w, height: h }],
    3: [
      { width: height, height: width },
      { x: height - y - h, y: x, width: h, height: w },
    ],
  }[turns] as [{ width: number; height: number }, Box];
  const path = join(folder, `turns-${String(turns)}.mp4`);
  encodeVideo(path, {
    ...stored,
    fps: 5,
    frames: 2,
    turn,
    encoderOptions: { crf: '4' },
    draw: (_, rgb) => void drawBox(stored.width, stored.height, box, rgb as Uint8Array<ArrayBuffer>),
  });
  await probe.end(probe.feed(path, { input: { width: 320, height: 256 } }));
  const arrived = probe.of(path)[0];
  if (arrived === undefined) throw new Error('no frame came');
  expect(arrived.ticket).toMatchObject({ sourceWidth: width, sourceHeight: height });
  expectSameBox(findBox(arrived), uprightBox);
  expect(await probe.ingest.inspect(path)).toMatchObject({ width, height });
  expect(await sharp(await probe.ingest.still(path, 0, 120)).metadata()).toMatchObject({ width: 120, height: 160 });
});

test.each<[name: string, make: (grey: Sharp) => Sharp]>([
  ['grey.png', (picture) => picture.greyscale().png()],
  ['grey.jpg', (picture) => picture.greyscale().jpeg()],
  ['deep.png', (picture) => picture.toColourspace('rgb16').png()],
  ['cmyk.jpg', (picture) => picture.toColourspace('cmyk').jpeg()],
  ['clear.png', (picture) => picture.ensureAlpha(0.5).png()],
  ['palette.png', (picture) => picture.png({ palette: true })],
  ['some.webp', (picture) => picture.webp()],
  ['some.gif', (picture) => picture.gif()],
  ['some.tiff', (picture) => picture.tiff()],
  ['some.avif', (picture) => picture.avif()],
])('%s becomes three bytes a pixel', async (name, make) => {
  const path = join(folder, name);
  await make(sharp({ create: { width: 96, height: 64, channels: 3, background: '#808080' } })).toFile(path);
  expect(await probe.end(probe.feed(path, { kind: 'picture' }))).toMatchObject({ type: 'item-ended', frames: 1 });
  const middle = probe.of(path)[0]?.frame.bytes.subarray((80 * 160 + 80) * 3, (80 * 160 + 81) * 3) ?? [];
  expect(middle).toHaveLength(3);
  for (const value of middle) expect(Math.abs(value - 124)).toBeLessThan(18);
});
