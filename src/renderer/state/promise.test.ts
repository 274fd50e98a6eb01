import { describe, expect, it } from 'vitest';
import type { Camera, CameraStatus } from '../../shared/domain/camera.ts';
import { droppedFrames, worstCamera } from './promise.ts';

const camera = (id: string, sloMs: number): Camera => ({
  id,
  name: id,
  url: 'test:moving-squares',
  enabled: true,
  transport: 'auto',
  analysisFps: 5,
  sloMs,
  weight: 'normal',
  modelId: 'nanodet-g',
  tier: 'normal',
  motionGate: false,
  recording: 'off',
  keepDays: null,
  repair: true,
  hardwareDecode: 'auto',
  largeUrl: null,
  allowLoopback: false,
  group: '',
  createdAtMs: 0,
});

const status = (cameraId: string, change: Partial<CameraStatus>): CameraStatus => ({
  cameraId,
  state: 'live',
  offline: null,
  width: 640,
  height: 480,
  codec: 'h264',
  decoder: null,
  transport: null,
  frozenSinceMs: null,
  health: null,
  clockOffsetMs: null,
  large: null,
  latencyFrom: 'arrival',
  sourceFps: 10,
  analysedFps: 5,
  captured: 100,
  analysed: 97,
  inherited: 0,
  dropped: {},
  waiting: 0,
  latencyMs: { p50: 20, p95: 50, p99: 60 },
  sloMs: 200,
  freshnessMs: 100,
  missShare: 0,
  missBudget: 0.05,
  sloMet: true,
  ...change,
});

describe('worstCamera', () => {
  it('is the one nearest to its own promise, not the slowest one', () => {
    const statuses = new Map([
      ['patient', status('patient', { sloMs: 1000, latencyMs: { p50: 100, p95: 300, p99: 400 } })],
      ['strict', status('strict', { sloMs: 100, latencyMs: { p50: 50, p95: 90, p99: 99 } })],
    ]);
    const worst = worstCamera([camera('patient', 1000), camera('strict', 100)], (id) => statuses.get(id) ?? null);
    expect(worst).toMatchObject({ p95Ms: 90, sloMs: 100 });
    expect(worst?.camera.id).toBe('strict');
  });

  it('leaves out cameras that are away or have no result yet', () => {
    const statuses = new Map([
      ['away', status('away', { state: 'offline' })],
      ['new', status('new', { latencyMs: null })],
    ]);
    expect(worstCamera([camera('away', 200), camera('new', 200)], (id) => statuses.get(id) ?? null)).toBeNull();
  });
});

it('droppedFrames adds up every reason', () => {
  expect(droppedFrames(status('a', { dropped: { 'queue-full': 2, 'too-late': 1 } }))).toBe(3);
  expect(droppedFrames(status('a', {}))).toBe(0);
});
