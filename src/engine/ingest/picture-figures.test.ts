import { AV_PIX_FMT_GRAY8, AV_PIX_FMT_RGB24, AV_PIX_FMT_YUV420P } from 'node-av/constants';
import { Frame } from 'node-av/lib';
import { beforeAll, describe, expect, test } from 'vitest';
import { HealthWatch } from '../../core/analytics/health-watch.ts';
import { seededRandom } from '../../core/testing/seeded-random.ts';
import type { PictureFigures } from '../../shared/domain/camera-health.ts';
import { FrameScaler, planeOf } from './frame-scaler.ts';
import { MotionMeter } from './motion-meter.ts';
import { FiguresMeter } from './picture-figures.ts';
import { IngestProbe } from './testing/ingest-probe.ts';
import { openVideoFile } from './video-file.ts';

/** A picture in greys, row by row. */
interface Picture {
  readonly levels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

const demo = new URL('../../../resources/demo/camera.mp4', import.meta.url).pathname;
/** One picture a second of the demo clip. */
let clip: readonly Picture[] = [];

beforeAll(() => {
  const video = openVideoFile(demo, { maxPixels: 1e8, strict: false }, () => undefined);
  const { width, height } = video.facts;
  const scaler = FrameScaler.toMeans(width, height);
  const pictures: Picture[] = [];
  for (let next = video.next(); next !== null; next = video.next()) {
    if (Math.round(next.timeMs / 100) % 10 !== 0) continue;
    const { bytes, strideBytes } = planeOf(scaler.scale(next.frame));
    const levels = new Uint8Array(width * height);
    for (let row = 0; row < height; row++) {
      levels.set(bytes.subarray(row * strideBytes, row * strideBytes + width), row * width);
    }
    pictures.push({ levels, width, height });
  }
  scaler.close();
  video.close();
  clip = pictures;
});

function figuresOf(pictures: readonly Picture[]): readonly PictureFigures[] {
  const figures = new FiguresMeter();
  const motion = new MotionMeter();
  try {
    return pictures.map(({ levels, width, height }, at) => {
      const frame = Frame.fromVideoBuffer(Buffer.from(levels), { width, height, format: AV_PIX_FMT_GRAY8 });
      try {
        const seen = figures.look(frame, at * 1000, motion.measure(frame), motion.means);
        if (seen === null) throw new Error('a second has passed');
        return seen;
      } finally {
        frame.free();
      }
    });
  } finally {
    motion.close();
    figures.close();
  }
}

const random = seededRandom(11);
const mapped = (picture: Picture, level: (old: number) => number): Picture => ({
  ...picture,
  levels: picture.levels.map((old) => Math.max(0, Math.min(255, Math.round(level(old))))),
});
/** As a sensor sees it in other light: less light, the same noise. */
const lit = (picture: Picture, light: number): Picture =>
  mapped(picture, (old) => old * light + (random() + random() - 1) * 5);

function moved({ levels, width, height }: Picture, across: number): Picture {
  const by = Math.round(across * width);
  return { width, height, levels: levels.map((_, at) => levels[at - (at % width) + ((at + by) % width)] ?? 0) };
}

/** Mean over a square, three times: nearly a Gauss of about `radius` pixels. */
function blurred(picture: Picture, radius: number): Picture {
  let { levels } = picture;
  for (let pass = 0; pass < 3; pass++) {
    for (const step of [1, picture.width]) levels = averaged(levels, step, radius);
  }
  return { ...picture, levels };
}

/** Over `radius` pixels to both sides, `step` apart; a running sum. Rows run into each other, which blurs as well. */
function averaged(levels: Uint8Array, step: number, radius: number): Uint8Array {
  const sums = new Int32Array(levels.length);
  const levelAt = (at: number): number => levels[Math.max(0, Math.min(levels.length - 1, at))] ?? 0;
  return levels.map((_, at) => {
    let sum = 0;
    if (at < step) for (let by = -radius; by <= radius; by++) sum += levelAt(at + by * step);
    else sum = (sums[at - step] ?? 0) + levelAt(at + radius * step) - levelAt(at - (radius + 1) * step);
    sums[at] = sum;
    return Math.round(sum / (2 * radius + 1));
  });
}

/** The clip's light over a day: dark from 20 to 6 o'clock, with a dusk and a dawn of half an hour. */
function lightAt(hours: number): number {
  const day = Math.max(0, Math.min(1, 2 * Math.min(hours - 6, 20 - hours)));
  return 0.07 + 0.93 * day;
}
const steps = 16;
const lights = Array.from({ length: steps + 1 }, (_, step) => 0.07 * (1 / 0.07) ** (step / steps));
const stepOf = (light: number): number => Math.round((steps * Math.log(light / 0.07)) / Math.log(1 / 0.07));

test('the clip looped through two days and nights is never even suspicious, from its first minute on', () => {
  const table = lights.map((light) => figuresOf(clip.filter((_, at) => at % 10 === 3).map((one) => lit(one, light))));
  const watch = new HealthWatch();
  const nothingAccepted = new Array<null>(24).fill(null);
  const flagged: string[] = [];
  let suspicious = 0;
  for (let second = 0; second < 2 * 86_400; second += 2) {
    const hours = (second / 3600) % 24;
    const ofLight = table[stepOf(lightAt(hours))] ?? [];
    const figures = ofLight[(second / 2) % ofLight.length];
    if (figures === undefined) throw new Error('the table has every light');
    if (watch.look(figures, { atMs: second * 1000, hour: Math.floor(hours) }, nothingAccepted) === null)
      suspicious += 1;
    if (watch.trouble !== null) flagged.push(`${String(hours)} ${watch.trouble.kind}`);
  }
  expect(flagged).toEqual([]);
  expect(suspicious).toBe(0);
});

describe.each([1, 0.3])('in %s of the light', (light) => {
  test.each([
    [
      'covered',
      (): Picture =>
        lit(
          mapped(clip[0]!, () => 12),
          1,
        ),
    ],
    ['covered', (one: Picture): Picture => mapped(one, (old) => 90 + old * 0.02)],
    ['blinded', (one: Picture): Picture => mapped(one, (old) => old * 2 + 150)],
    ['blinded', (one: Picture): Picture => mapped(one, (old) => 235 + old * 0.02)],
    ['defocused', (one: Picture): Picture => lit(blurred(one, 2), light)],
    ['defocused', (one: Picture): Picture => lit(blurred(one, 8), light)],
    ['turned', (one: Picture): Picture => lit(moved(one, 0.2), light)],
    ['turned', (one: Picture): Picture => lit(moved(one, 0.5), light)],
  ] as const)('%s is flagged within a minute, and not for twenty seconds of it', (kind, spoil) => {
    const some = [clip[3]!, clip[13]!];
    const well = figuresOf(some.map((one) => lit(one, light)));
    const bad = figuresOf(some.map((one) => spoil(one)));
    const watch = new HealthWatch();
    let second = 0;
    const pass = (seconds: number, shown: readonly PictureFigures[]): void => {
      for (const end = second + seconds; second < end; second++) {
        watch.look(shown[second % shown.length]!, { atMs: second * 1000, hour: 12 }, []);
      }
    };
    pass(120, well);
    pass(20, bad);
    expect(watch.trouble).toBeNull();
    pass(60, well);
    pass(60, bad);
    expect(watch.trouble).toEqual({ kind, sinceMs: 200_000 });
    pass(40, well);
    expect(watch.trouble).toBeNull();
  });
});

test('the figures of a picture do not depend on how its format keeps brightness, nor on its size', () => {
  const grey = clip[0]!;
  const [plain] = figuresOf([grey]);
  const rgb = Buffer.alloc(grey.levels.length * 3);
  grey.levels.forEach((level, at) => rgb.fill(level, at * 3, at * 3 + 3));
  const video = Buffer.alloc(grey.levels.length * 1.5, 128);
  grey.levels.forEach((level, at) => (video[at] = Math.round(16 + (level * 219) / 255)));
  const { width, height } = grey;
  const meter = new FiguresMeter();
  const motion = new MotionMeter();
  for (const [pixels, format] of [
    [rgb, AV_PIX_FMT_RGB24],
    [video, AV_PIX_FMT_YUV420P],
  ] as const) {
    const frame = Frame.fromVideoBuffer(pixels, { width, height, format });
    const moved = motion.measure(frame);
    const seen = meter.look(frame, format === AV_PIX_FMT_RGB24 ? 0 : 1000, moved, motion.means);
    expect(Math.abs((seen?.brightness ?? 0) - (plain?.brightness ?? 0))).toBeLessThan(2);
    expect(seen?.sharpness).toBeCloseTo(plain?.sharpness ?? 0, 1);
    expect(Math.abs((seen?.spread ?? 0) - (plain?.spread ?? 0))).toBeLessThan(5);
    frame.free();
  }
  motion.close();
  meter.close();
  // A stamp too small for edges still has its brightness, at the left end of each row.
  const tiny = figuresOf([{ levels: new Uint8Array(64).map((_, at) => at * 4), width: 8, height: 8 }]);
  expect(tiny[0]).toMatchObject({ sharpness: null, brightness: 112 });
});

test('once a second, with the mean motion since the last time', () => {
  const meter = new FiguresMeter();
  const { levels, width, height } = clip[0]!;
  const frame = Frame.fromVideoBuffer(Buffer.from(levels), { width, height, format: AV_PIX_FMT_GRAY8 });
  const means = new Uint8Array(64 * 48);
  const seen = [0, 400, 999, 1000, 1400, 9000].map((ms, at) => meter.look(frame, ms, at / 10, means)?.motion ?? null);
  expect(seen).toEqual([0, null, null, expect.closeTo(0.2, 9), null, expect.closeTo(0.45, 9)]);
  frame.free();
  meter.close();
});

test('a camera tells its figures once a second, also of frames in which nothing changed', async () => {
  await using probe = new IngestProbe();
  const cameraId = probe.open('test:?fps=10&rectangles=0', { analysisFps: 10, motionGate: true });
  await probe.until(() => probe.told('camera-figures').length >= 2);
  const told = probe.told('camera-figures');
  expect(told[0]?.cameraId).toBe(cameraId);
  const stepsMs = told.slice(1).map(({ capturedAtMs }, at) => capturedAtMs - (told[at]?.capturedAtMs ?? 0));
  for (const stepMs of stepsMs) expect(stepMs).toBeGreaterThan(900);
  expect(told[1]?.figures.layout).toHaveLength(384);
  expect(probe.told('unchanged').length).toBeGreaterThan(5);
});
