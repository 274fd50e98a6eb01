import { expect, test } from 'vitest';
import { RunMeter } from './run-meter.ts';

function open(): { meter: RunMeter; call: (frames: number, atMs: number) => void; at: (ms: number) => void } {
  let nowMs = 0;
  const meter = new RunMeter({ monoMs: () => nowMs, epochMs: () => nowMs });
  meter.start();
  return {
    meter,
    at: (ms) => (nowMs = ms),
    call: (frames, atMs) => {
      nowMs = atMs;
      for (let frame = 0; frame < frames; frame++) meter.analysed({ frames, places: frames });
    },
  };
}

test('few large calls: the speed is that between them, at whatever moment it is asked for', () => {
  const { meter, call, at } = open();
  call(64, 1_000);
  expect(meter.imagesPerSecond).toBeNull();
  for (let run = 1; run <= 5; run++) {
    call(64, 1_000 + run * 6_400);
    expect(meter.imagesPerSecond).toBeCloseTo(10);
    at(1_000 + run * 6_400 + 6_000);
    expect(meter.imagesPerSecond).toBeCloseTo(10);
  }
  // The next one is overdue.
  at(1_000 + 6 * 6_400 + 60_000);
  expect(meter.imagesPerSecond).toBeLessThan(3);
});

test('many small calls: the last 10 s count', () => {
  const { meter, call } = open();
  for (let ms = 0; ms <= 20_000; ms += 200) call(1, ms);
  expect(meter.imagesPerSecond).toBeCloseTo(5);
  for (let ms = 20_400; ms <= 31_000; ms += 400) call(1, ms);
  expect(meter.imagesPerSecond).toBeCloseTo(2.5, 0);
});

test('a run that begins again is not measured over the time between', () => {
  const { meter, call, at } = open();
  for (let ms = 0; ms <= 2_000; ms += 200) call(2, ms);
  meter.stop();
  at(60_000);
  meter.start();
  expect(meter.imagesPerSecond).toBeNull();
  for (let ms = 60_200; ms <= 62_000; ms += 200) call(1, ms);
  expect(meter.imagesPerSecond).toBeCloseTo(5);
});

test('with another share, what was before says nothing any more; the run as a whole counts at its end', () => {
  const { meter, call, at } = open();
  for (let ms = 500; ms <= 10_000; ms += 500) call(20, ms);
  expect(meter.imagesPerSecond).toBeCloseTo(40);
  meter.sharingChanged();
  expect(meter.imagesPerSecond).toBeNull();
  for (let ms = 11_000; ms <= 20_000; ms += 1_000) call(20, ms);
  expect(meter.imagesPerSecond).toBeCloseTo(20);
  at(20_000);
  meter.stop();
  expect(meter.imagesPerSecond).toBeCloseTo(30);
});
