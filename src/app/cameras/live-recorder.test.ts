import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Camera } from '../../shared/domain/camera.ts';
import type { OperationName, StoreOperations } from '../../store/operations.ts';
import { testWork } from '../testing/test-work.ts';
import type { CameraServiceDeps } from './camera-service.ts';
import { LiveRecorder } from './live-recorder.ts';

type LiveCommit = StoreOperations['live.commit']['in'];

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const camera: Camera = {
  id: 'gate',
  name: 'Gate',
  url: 'test:',
  enabled: true,
  transport: 'auto',
  analysisFps: 10,
  sloMs: 200,
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
  createdAtMs: 1,
};

const nothingSaved = { saved: null, lastTrackId: 0 };

/** A recorder on a store that can be full; what it is given is kept as it came. */
function recorder(
  tracks: StoreOperations['live.tracks']['out'] = nothingSaved,
  settings: Partial<Camera> = {},
): {
  recorder: LiveRecorder;
  commits: LiveCommit[];
  logged: string[];
  notices: string[];
  disk: { full: boolean; isTaken: boolean };
} {
  const disk = { full: false, isTaken: false };
  const notices: string[] = [];
  const commits: LiveCommit[] = [];
  const logged: string[] = [];
  const log = (message: string): void => void logged.push(message);
  const parts: Record<string, unknown> = {
    store: {
      call: (_name: OperationName, input: LiveCommit) => {
        if (disk.full) return Promise.reject(new Error('full'));
        commits.push(input);
        const rows = input.commits.reduce((sum, commit) => sum + commit.rows.length, 0);
        return Promise.resolve({
          newFrames: disk.isTaken ? 0 : rows,
          newDetections: 0,
          eventIds: input.events.map((_, index) => index + 1),
        });
      },
    },
    engine: { request: () => new Promise(() => undefined) },
    clock: { monoMs: () => Date.now(), epochMs: () => Date.now() },
    bus: { emit: () => undefined },
    log: { info: log, warn: log, error: log },
    notices: {
      raise: (_level: string, topic: string) => Promise.resolve(void notices.push(`raise ${topic}`)),
      clear: (topic: string) => Promise.resolve(void notices.push(`clear ${topic}`)),
    },
    stills: { saveSnapshot: () => Promise.resolve() },
  };
  const deps = parts as unknown as CameraServiceDeps;
  return {
    recorder: new LiveRecorder({ ...camera, ...settings }, testWork(), { sourceId: 7, tracks }, deps),
    commits,
    logged,
    notices,
    disk,
  };
}

const see = (to: LiveRecorder, atMs: number): unknown =>
  to.analysed(
    {
      frameId: atMs,
      lane: 'live',
      source: 'gate',
      frame: atMs,
      timeMs: atMs,
      capturedMonoMs: atMs,
      capturedAtMs: atMs,
      sourceWidth: 640,
      sourceHeight: 480,
      motion: null,
    },
    { detections: [], faint: [] },
  );

test('frames that were shed while it was recorded are committed with the rows; a store that fails loses none', async () => {
  const { recorder: to, commits, disk } = recorder(nothingSaved, { recording: 'continuous' });
  see(to, 1_000);
  to.shed([1_100, 1_200]);
  disk.full = true;
  await vi.advanceTimersByTimeAsync(500);
  to.shed([1_300]);
  disk.full = false;
  await vi.advanceTimersByTimeAsync(5_000);
  to.shed([1_400]);
  await to.close();
  expect(commits.map(({ commits: rows, shed }) => [rows.length, shed?.frames])).toEqual([
    [1, [1_100, 1_200, 1_300]],
    [0, [1_400]],
  ]);
  const unrecorded = recorder();
  unrecorded.recorder.shed([1_100]);
  await unrecorded.recorder.close();
  expect(unrecorded.commits).toEqual([]);
});

test('rows and the range that covers them are committed together; a gap is a gap', async () => {
  const { recorder: to, commits } = recorder();
  for (const atMs of [1_000, 1_100, 1_200, 9_000, 9_100]) see(to, atMs);
  await vi.advanceTimersByTimeAsync(500);
  see(to, 9_200);
  await to.close();
  expect(commits.flatMap((commit) => commit.commits.map(({ rows, looked }) => [rows.length, looked]))).toEqual([
    [
      5,
      [
        [1_000, 1_200],
        [9_000, 9_100],
      ],
    ],
    [1, [[9_100, 9_200]]],
  ]);
});

test('a clock that was set back is told once for as long as results find their time taken', async () => {
  const { recorder: to, notices, disk } = recorder();
  const aboutClock = (): string[] => notices.filter((notice) => notice.includes('clock'));
  see(to, 9_000);
  await vi.advanceTimersByTimeAsync(500);
  expect(aboutClock()).toEqual([]);
  disk.isTaken = true;
  for (const atMs of [5_000, 5_600]) {
    see(to, atMs);
    await vi.advanceTimersByTimeAsync(500);
  }
  expect(aboutClock()).toEqual(['raise clock-set-back:gate']);
  disk.isTaken = false;
  see(to, 9_100);
  await vi.advanceTimersByTimeAsync(500);
  expect(aboutClock()).toEqual(['raise clock-set-back:gate', 'clear clock-set-back:gate']);
});

test('beyond its bound the oldest rows are given up, counted, and no longer called looked at', async () => {
  const { recorder: to, commits, logged, disk } = recorder();
  disk.full = true;
  const frames = 25_000;
  for (let index = 0; index < frames; index++) see(to, 1_000 + index * 100);
  await vi.advanceTimersByTimeAsync(4_000);
  expect(to.givenUp).toBe(5_000);
  expect(to.waiting).toBe(20_000);
  const tries = logged.length;
  expect(tries).toBeLessThan(5);
  disk.full = false;
  await vi.advanceTimersByTimeAsync(5_000);
  const lastMs = 1_000 + (frames - 1) * 100;
  expect(commits).toHaveLength(1);
  expect(commits[0]?.commits[0]?.rows).toHaveLength(20_000);
  expect(commits[0]?.commits[0]?.looked).toEqual([[1_000 + 5_000 * 100, lastMs]]);
  expect(to.newestCommittedMs).toBe(lastMs);
});

test('closed while the store takes nothing, it tries once more, says what is lost and rests', async () => {
  const { recorder: to, logged, disk } = recorder();
  disk.full = true;
  see(to, 1_000);
  await to.close();
  expect(logged).toContain('live results were lost');
  expect([to.waiting, to.givenUp]).toEqual([0, 1]);
  const said = logged.length;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(logged).toHaveLength(said);
  expect(vi.getTimerCount()).toBe(0);
});
