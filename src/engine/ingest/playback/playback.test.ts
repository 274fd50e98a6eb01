import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PlayCommand, PlayProgress, RecordingPiece } from '../../../shared/engine/protocol.ts';
import { encodeVideo } from '../testing/encode-video.ts';
import { IngestProbe } from '../testing/ingest-probe.ts';
import { Footage } from './footage.ts';

/** Two files that meet, and a third after a gap of a minute; 10 pictures a second, a keyframe a second. */
let folder = '';
let pieces: readonly RecordingPiece[] = [];
const t0 = 1_700_000_000_000;
const fileMs = 4_000;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-playback-'));
  pieces = [0, fileMs, 2 * fileMs + 60_000].map((offsetMs, index) => {
    const path = join(folder, `${String(index)}.mp4`);
    encodeVideo(path, {
      width: 64,
      height: 48,
      fps: 10,
      frames: 40,
      gop: 10,
      encoderOptions: { preset: 'ultrafast' },
      draw: (frame, rgb) => rgb.fill(frame * 6),
    });
    return { path, startMs: t0 + offsetMs, endMs: t0 + offsetMs + fileMs };
  });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const gapAtMs = 2 * fileMs;
const laterMs = 2 * fileMs + 60_000;

function footage(): Footage {
  const opened = new Footage(1e6);
  opened.know(pieces);
  return opened;
}
const since = (frame: { atMs: number } | null): number | null => (frame === null ? null : Math.round(frame.atMs - t0));

test('footage is entered anywhere, goes on over files that meet, and ends at a gap', () => {
  const opened = footage();
  expect(since(opened.at(t0 + 3_450))).toBe(3_400);
  const times: (number | null)[] = [];
  for (let frame = opened.next(); frame !== null; frame = opened.next()) times.push(since(frame));
  expect(times).toEqual(Array.from({ length: 45 }, (_, index) => 3_500 + index * 100));
  expect(opened.nextStart(t0 + gapAtMs)).toBe(t0 + laterMs);
  expect(opened.at(t0 + gapAtMs + 5_000)).toBeNull();
  expect(since(opened.at(t0 + laterMs))).toBe(laterMs);
  opened.close();
});

test('one picture back is found also in the file before', () => {
  const opened = footage();
  expect(since(opened.at(t0 + fileMs + 100))).toBe(fileMs + 100);
  expect(since(opened.before(t0 + fileMs + 100))).toBe(fileMs);
  expect(since(opened.before(t0 + fileMs))).toBe(fileMs - 100);
  expect(since(opened.next())).toBe(fileMs);
  opened.close();
});

test('a picture that was not shown after all is the next one again, until somebody goes elsewhere', () => {
  const opened = footage();
  opened.at(t0 + 500);
  const next = opened.next();
  if (next !== null) opened.putBack(next);
  expect(since(opened.next())).toBe(600);
  expect(since(opened.next())).toBe(700);
  if (next !== null) opened.putBack(next);
  opened.at(t0 + 2_000);
  expect(since(opened.next())).toBe(2_100);
  opened.close();
});

test('what lies behind is left out from keyframe to keyframe, never back', () => {
  const opened = footage();
  opened.at(t0 + 500);
  expect(since(opened.skip(t0 + 500, t0 + 3_250))).toBe(3_000);
  expect(opened.skip(t0 + 3_000, t0 + 3_300)).toBeNull();
  expect(since(opened.next())).toBe(3_100);
  opened.close();
});

test('a file that is gone is as if it were not there', () => {
  const opened = new Footage(1e6);
  opened.know([{ path: join(folder, 'gone.mp4'), startMs: t0, endMs: t0 + 1_000 }]);
  expect(opened.at(t0)).toBeNull();
  opened.close();
});

test('a player shows where it goes, steps, plays faster than it was, and says where footage is missing', async () => {
  await using probe = new IngestProbe();
  const session = 'playback:test';
  const told = (): PlayProgress[] => probe.told('playing').map(({ progress }) => progress);
  const shown = (): number[] => probe.told('picture').map(({ capturedAtMs }) => capturedAtMs - t0);
  const play = (command: Partial<PlayCommand>, all?: readonly RecordingPiece[]): void => {
    const whole = { atMs: null, speed: 1, paused: false, step: 0, ...command } as const;
    const known = all === undefined ? {} : { pieces: all };
    probe.ingest.playRecording({ type: 'play-recording', session, command: whole, ...known });
  };
  play({ atMs: t0 + 1_000, paused: true }, pieces);
  await probe.until(() => told().some(({ state }) => state === 'paused') && shown().length === 1);
  play({ step: 1 });
  await probe.until(() => shown().length === 2);
  play({ step: -1 });
  await probe.until(() => shown().length === 3);
  expect(shown()).toEqual([1_000, 1_100, 1_000]);

  const startedMs = performance.now();
  play({ speed: 16 });
  await probe.until(() => told().some(({ state }) => state === 'gap'));
  const tookMs = performance.now() - startedMs;
  expect(told().at(-1)).toMatchObject({ state: 'gap', nextMs: t0 + laterMs });
  expect(tookMs).toBeGreaterThan(300);
  expect(shown().at(-1)).toBeGreaterThan(5_000);
  expect([...shown().slice(3)].sort((a, b) => a - b)).toEqual(shown().slice(3));

  play({ atMs: t0 + gapAtMs + 10_000, paused: true });
  await probe.until(() => told().at(-1)?.atMs === t0 + gapAtMs + 10_000);
  expect(told().at(-1)?.state).toBe('gap');
  probe.ingest.stopPlaying(session);
});

test('a player that breaks down over a file says that there is nothing to play, and the next one plays on', async () => {
  const workerFile = new URL('../testing/unreliable-worker.ts', import.meta.url);
  await using probe = new IngestProbe({ workerFile });
  const [whole] = pieces;
  if (whole === undefined) throw new Error('there is a file');
  const play = (piece: RecordingPiece, atMs: number): void => {
    const command = { atMs, speed: 1, paused: true, step: 0 } as const;
    probe.ingest.playRecording({ type: 'play-recording', session: 'playback:1', pieces: [piece], command });
  };
  const told = () => probe.told('playing').map(({ progress }) => progress);
  play({ ...whole, path: join(folder, 'deadly.mp4') }, t0 + 100);
  await probe.until(() => told().length > 0);
  expect(told()).toEqual([{ state: 'gap', atMs: t0 + 100, nextMs: null }]);
  play(whole, t0);
  await probe.until(() => told().length > 1);
  expect(told().at(-1)).toMatchObject({ state: 'paused', atMs: t0 });
});
