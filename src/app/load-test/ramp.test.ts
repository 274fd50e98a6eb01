import { describe, expect, test } from 'vitest';
import type { LoadTestMinute } from '../../shared/domain/load-test.ts';
import { broke, gaveOut, rampFps } from './ramp.ts';

const step = (change: Partial<LoadTestMinute>): LoadTestMinute => ({
  minute: 3,
  seconds: 15,
  cameras: 4,
  fps: 7.8,
  captured: 1_000,
  analysed: 1_000,
  dropped: {},
  latencyMs: { p50: 40, p95: 90, p99: 120 },
  sloAttainment: 1,
  archivePerSecond: 10,
  slotShare: { live: 0.3, archive: 0.3 },
  hostBytes: 1,
  engineBytes: 1,
  mainLoopP99Ms: 1,
  ...change,
});

test('each step asks a quarter more, up to what a camera may be', () => {
  expect(rampFps(4, 0)).toBe(4);
  expect(rampFps(4, 2)).toBeCloseTo(6.25);
  expect(rampFps(50, 5)).toBe(60);
});

test('the promise breaks where more than the error budget missed it', () => {
  expect(broke(step({ sloAttainment: 0.951 }))).toBe(false);
  expect(broke(step({ sloAttainment: 0.949 }))).toBe(true);
  expect(broke(step({ captured: 0, sloAttainment: 0 }))).toBe(false);
});

describe('what gave out', () => {
  test('the device, where live batches fill it', () => {
    const text = gaveOut(step({ sloAttainment: 0.7, slotShare: { live: 0.96, archive: 0.04 } }), 200);
    expect(text).toContain('30 % of 1000 frames missed 200 ms');
    expect(text).toContain('the device: live batches took 96 % of its time');
  });

  test('the device, where it shed frames to keep up', () => {
    const text = gaveOut(step({ sloAttainment: 0.7, dropped: { 'shed-rate': 250, 'too-late': 50 } }), 200);
    expect(text).toContain('the device: it was asked for more than it has time for, so 250 frames');
  });

  test('decoding, where frames found no buffer', () => {
    expect(gaveOut(step({ sloAttainment: 0.7, dropped: { 'no-buffer': 300 } }), 200)).toContain('decoding');
  });

  test('the machine around it, where the device was idle', () => {
    expect(gaveOut(step({ sloAttainment: 0.7 }), 200)).toContain('outside the device, which was busy only 60 %');
  });
});
