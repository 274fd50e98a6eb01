import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AV_PIX_FMT_RGB24 } from 'node-av/constants';
import { Frame } from 'node-av/lib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { UnchangedFrame } from '../../shared/engine/protocol.ts';
import { encodeVideo } from './testing/encode-video.ts';
import { IngestProbe } from './testing/ingest-probe.ts';
import { seededRandom } from '../../core/testing/seeded-random.ts';
import { MotionGate } from './motion-gate.ts';
import { MotionMeter } from './motion-meter.ts';

const width = 320;
const height = 240;

interface Scene {
  /** Left edge of a box of 24 × 40 pixels; null: there is none. */
  readonly box: number | null;
  /** Sensor noise: brightness differs by up to so much in each pixel. */
  readonly noise?: number;
  readonly brighter?: number;
}

const random = seededRandom(7);

function draw({ box, noise = 0, brighter = 0 }: Scene, rgb: Uint8Array): void {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const inBox = box !== null && x >= box && x < box + 24 && y >= 100 && y < 140;
      const level = (inBox ? 200 : 60 + ((x >> 4) + (y >> 4)) * 2) + brighter + (random() * 2 - 1) * noise;
      rgb.fill(Math.max(0, Math.min(255, Math.round(level))), (y * width + x) * 3, (y * width + x) * 3 + 3);
    }
  }
}

function picture(scene: Scene): Frame {
  const rgb = Buffer.alloc(width * height * 3);
  draw(scene, rgb);
  return Frame.fromVideoBuffer(rgb, { width, height, format: AV_PIX_FMT_RGB24 });
}

test('noise is no motion, a box that moves is, in proportion to what it covers', () => {
  const meter = new MotionMeter();
  expect(meter.measure(picture({ box: 40, noise: 8 }))).toBe(1);
  meter.remember();
  for (let frame = 0; frame < 5; frame++) {
    expect(meter.measure(picture({ box: 40, noise: 8 }))).toBe(0);
    expect(meter.isAsRun).toBe(true);
  }
  // 24 × 40 pixels that were left and 24 × 40 that were taken, of 320 × 240.
  const share = meter.measure(picture({ box: 140, noise: 8 }));
  expect(share).toBeGreaterThan(0.02);
  expect(share).toBeLessThan(0.035);
  expect(meter.isAsRun).toBe(false);
  expect(meter.measure(picture({ box: null, brighter: 40 }))).toBe(1);
  meter.close();
});

test('what comes slowly adds up: it is held against the last picture that was run', () => {
  const meter = new MotionMeter();
  meter.measure(picture({ box: null }));
  meter.remember();
  const moves: number[] = [];
  const same: boolean[] = [];
  for (let brighter = 2; brighter <= 8; brighter += 2) {
    moves.push(meter.measure(picture({ box: null, brighter })));
    same.push(meter.isAsRun);
  }
  expect(moves).toEqual([0, 0, 0, 0]);
  expect(same).toEqual([true, true, true, false]);
  meter.close();
});

test('the gate: off it only measures; on it leaves out what is unchanged, but the first of a group and after a refresh', () => {
  const still = picture({ box: 10 });
  const off = new MotionGate(false);
  expect([off.look(still, 0), off.look(still, 1)]).toEqual([
    { motion: 1, sameAs: null },
    { motion: 0, sameAs: null },
  ]);
  off.close();

  const gate = new MotionGate(true);
  const seen = (frame: number, shown = still): number | null => {
    const { sameAs } = gate.look(shown, frame);
    if (sameAs === null) gate.taken(frame);
    return sameAs;
  };
  expect([0, 1, 2, 48, 49, 53, 54].map((frame) => seen(frame))).toEqual([null, 0, 0, 0, 0, null, 53]);
  expect(seen(55, picture({ box: 60 }))).toBeNull();
  expect(seen(56)).toBeNull();
  expect(seen(57)).toBe(56);
  gate.refresh();
  expect(seen(58)).toBeNull();
  // Looked at but not taken (there was no buffer for it): the next one is run instead.
  expect(gate.look(picture({ box: 90 }), 59).sameAs).toBeNull();
  expect(seen(60, picture({ box: 90 }))).toBeNull();
  expect(seen(61, picture({ box: 90 }))).toBe(60);
  gate.close();
});

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-gate-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('a video with the gate: what is run and what is not is the same from the start of every group, and costs no credit', async () => {
  const path = join(folder, 'quiet.mp4');
  // A box crosses in frames 60 to 69; all else is still.
  const drawing = (frame: number, rgb: Uint8Array): void =>
    draw({ box: frame >= 60 && frame < 70 ? (frame - 60) * 28 : null }, rgb);
  encodeVideo(path, { width, height, fps: 10, frames: 130, draw: drawing });
  await using probe = new IngestProbe({ archiveWindow: 2 });
  const pass = async (startFrame: number): Promise<{ run: number[]; unchanged: UnchangedFrame[] }> => {
    const item = probe.feed(path, { item: `from ${String(startFrame)}`, fps: 10, motionGate: true, startFrame });
    const end = await probe.end(item);
    const unchanged = probe
      .told('unchanged')
      .flatMap(({ frames }) => frames)
      .filter(({ source }) => source === item);
    const run = probe.of(item).map(({ ticket }) => ticket.frame);
    expect(end).toMatchObject({ complete: true, frames: run.length + unchanged.length, endFrame: 130 });
    return { run, unchanged };
  };
  const whole = await pass(0);
  expect(whole.run).toEqual([0, 50, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 100]);
  expect(whole.unchanged).toHaveLength(130 - whole.run.length);
  expect(whole.unchanged[58]).toMatchObject({ frame: 71, sameAs: 70, timeMs: 7100, sourceWidth: width, motion: 0 });
  const later = await pass(50);
  expect(later.run).toEqual(whole.run.slice(1));
  expect(later.unchanged.map(({ frame, sameAs }) => [frame, sameAs])).toEqual(
    whole.unchanged.filter(({ frame }) => frame > 50).map(({ frame, sameAs }) => [frame, sameAs]),
  );
});

test('a camera with the gate: one ticket for a still scene, and another once that one was not run', async () => {
  const path = join(folder, 'still.mp4');
  encodeVideo(path, { width, height, fps: 25, frames: 25, draw: (_, rgb) => draw({ box: 100 }, rgb) });
  await using probe = new IngestProbe();
  probe.keep = true;
  const cameraId = probe.open(`file:${path}`, { analysisFps: 20, motionGate: true });
  const unchanged = (): UnchangedFrame[] => probe.told('unchanged').flatMap(({ frames }) => frames);
  await probe.until(() => unchanged().length >= 3);
  expect(probe.arrived.map(({ ticket }) => [ticket.frame, ticket.motion])).toEqual([[0, 1]]);
  expect(unchanged().map(({ frame, sameAs, lane }) => [frame, sameAs, lane])).toEqual(
    unchanged().map((_, index) => [index + 1, 0, 'live']),
  );
  probe.ingest.discard([probe.arrived[0]?.ticket.frameId ?? -1]);
  await probe.until(() => probe.arrived.length === 2);
  const again = probe.arrived[1]?.ticket;
  expect(again).toMatchObject({ motion: 0 });
  // Given back after a run, it stays the one that others are the same as.
  probe.ingest.release([again?.frameId ?? -1]);
  const before = unchanged().length;
  await probe.until(() => unchanged().length >= before + 3);
  expect(unchanged().at(-1)).toMatchObject({ sameAs: again?.frame });
  probe.ingest.closeCamera(cameraId);
  await probe.closed(cameraId);
});

test('each picture comes in the size that fits it, with the scale of the square', async () => {
  const wide = join(folder, 'wide.mp4');
  encodeVideo(wide, { width: 640, height: 360, fps: 5, frames: 2, draw: (_, rgb) => rgb.fill(200) });
  await using probe = new IngestProbe();
  const fitted = probe.feed(wide, { item: 'fitted', multipleOf: 8 });
  const square = probe.feed(wide, { item: 'square', multipleOf: 0 });
  await probe.end(fitted);
  await probe.end(square);
  const [a, b] = [probe.of('fitted')[0]?.frame, probe.of('square')[0]?.frame];
  expect(a).toMatchObject({ width: 160, height: 96, scale: 0.25, offsetX: 0, offsetY: 3, sourceWidth: 640 });
  expect(b).toMatchObject({ width: 160, height: 160, scale: 0.25, offsetX: 0, offsetY: 35 });
  const rowBytes = 160 * 3;
  expect(a?.bytes).toHaveLength(96 * rowBytes);
  expect(a?.bytes.subarray(3 * rowBytes, 93 * rowBytes)).toEqual(b?.bytes.subarray(35 * rowBytes, 125 * rowBytes));
});
