import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drawTestPattern } from '../test-pattern.ts';
import { encodeVideo } from '../testing/encode-video.ts';
import { IngestProbe } from '../testing/ingest-probe.ts';

let folder: string;
/** Half a second, with pictures that are not in decoding order. */
let clip: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-stream-'));
  clip = join(folder, 'half a second.mp4');
  const pattern = { width: 320, height: 240, fps: 20, seed: 3, rectangles: 2, burst: 1 };
  encodeVideo(clip, {
    ...pattern,
    frames: 10,
    gop: 5,
    bFrames: 2,
    draw: (frame, rgb) => {
      drawTestPattern(pattern, frame, rgb);
    },
  });
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const stream = (probe: IngestProbe, on: boolean): void => {
  probe.ingest.streamCamera({ type: 'stream-camera', cameraId: 'camera', on });
};

test('packets come whole, from a keyframe on, over the loops of a file, each picture with its capture time', async () => {
  await using probe = new IngestProbe();
  probe.open(pathToFileURL(clip).href, { analysisFps: 5 });
  stream(probe, true);
  const told = () => probe.told('packets');
  await probe.until(() => told().flatMap(({ packets }) => packets).length >= 25);
  const packets = told().flatMap((batch) => batch.packets);
  const stamps = told().flatMap((batch) => batch.stamps);

  expect(packets[0]?.isKey).toBe(true);
  for (const { packets: some, config } of told()) {
    if (some.some(({ isKey }) => isKey)) expect(config).toMatchObject({ width: 320, height: 240 });
    else expect(config).toBeNull();
  }
  expect(told()[0]?.config?.codec).toMatch(/^avc1\.[0-9a-f]{6}$/);
  expect(told()[0]?.config?.description?.[0]).toBe(1);
  expect(told().every(({ leftOut }) => leftOut === 0)).toBe(true);

  // No time comes twice, and pictures are stamped in the order in which they are shown.
  const times = packets.map(({ timestampUs }) => timestampUs);
  expect(new Set(times).size).toBe(times.length);
  const stamped = stamps.map(({ timestampUs }) => timestampUs);
  expect(stamped).toEqual(stamped.toSorted((a, b) => a - b));
  const first = Math.min(...times);
  const known = stamped.filter((at) => at >= first);
  expect(known.length).toBeGreaterThan(18);
  expect(known.every((at) => times.includes(at))).toBe(true);

  // What goes to the model is named by the same capture time as its ticket.
  const tickets = probe.arrived.map(({ ticket }) => ticket.capturedAtMs);
  const analysed = stamps.filter((stamp) => stamp.analysed);
  expect(analysed.length).toBeGreaterThan(2);
  for (const { capturedAtMs } of analysed) expect(tickets).toContain(capturedAtMs);
});

test('nothing is copied unless somebody streams, and no more afterwards', async () => {
  await using probe = new IngestProbe();
  probe.open(pathToFileURL(clip).href);
  await probe.until(() => probe.arrived.length >= 2);
  expect(probe.told('packets')).toEqual([]);
  stream(probe, true);
  await probe.until(() => probe.told('packets').length > 2);
  stream(probe, false);
  const before = probe.told('packets').length;
  const tickets = probe.arrived.length;
  await probe.until(() => probe.arrived.length >= tickets + 3);
  expect(probe.told('packets')).toHaveLength(before);
});

test('a drawn camera has no packets', async () => {
  await using probe = new IngestProbe();
  probe.open('test:?fps=20');
  stream(probe, true);
  await probe.until(() => probe.arrived.length >= 3);
  expect(probe.told('packets')).toEqual([]);
});
