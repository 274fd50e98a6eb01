import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { PlaybackState } from '../../shared/domain/playback.ts';
import type { PlayProgress, RecordingPiece, ToEngine } from '../../shared/engine/protocol.ts';
import { EventBus } from '../event-bus.ts';
import { PlaybackService } from './playback-service.ts';

const minute = 60_000;
const t0 = 1_700_000_000_000;
const piece = (fromMinute: number, toMinute = fromMinute + 1): RecordingPiece => ({
  path: `/${String(fromMinute)}.mp4`,
  startMs: t0 + fromMinute * minute,
  endMs: t0 + toMinute * minute,
});

beforeEach(() => {
  vi.useFakeTimers({ now: t0 + 600 * minute });
});
afterEach(() => {
  vi.useRealTimers();
});

/** The service between an engine that is only listened to and footage of two stretches. */
function bench(pieces: readonly RecordingPiece[] = [piece(0), piece(1), piece(5)]) {
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const sent: ToEngine[] = [];
  const told: PlaybackState[] = [];
  const bus = new EventBus(log);
  bus.subscribe((message) => {
    if (message.event === 'playback.state') told.push(message.payload);
  });
  const service = new PlaybackService({
    engine: { send: (message) => void sent.push(message) },
    bus,
    clock: { monoMs: () => Date.now(), epochMs: () => Date.now() },
    footage: {
      pieces: (_camera, fromMs, toMs) =>
        Promise.resolve(pieces.filter(({ startMs, endMs }) => startMs < toMs && endMs > fromMs)),
      coverage: ({ cameraId, fromMs, toMs }) =>
        Promise.resolve({ cameraId, fromMs, toMs, segments: [], gaps: [{ fromMs, toMs, reason: 'camera-offline' }] }),
    },
  });
  const open = async (atMs = t0, paused = false): Promise<string> =>
    (await service.open({ cameraId: 'yard', atMs, paused })).sessionId;
  const progress = async (id: string, state: PlayProgress['state'], atMs: number): Promise<void> => {
    service.message(id, { state, atMs, nextMs: null });
    await vi.advanceTimersByTimeAsync(0);
  };
  const commands = () => sent.flatMap((message) => (message.type === 'play-recording' ? [message] : []));
  return { service, sent, told, open, progress, commands };
}

test('the engine is told the files around the moment once, and more before they have been played', async () => {
  const { open, progress, commands } = bench();
  const id = await open();
  expect(commands()).toMatchObject([{ session: id, command: { atMs: t0, paused: false, speed: 1 } }]);
  expect(commands()[0]?.pieces).toHaveLength(3);
  await progress(id, 'playing', t0 + minute);
  expect(commands()).toHaveLength(1);
  await progress(id, 'playing', t0 + 59 * minute);
  expect(commands()).toHaveLength(2);
  expect(commands()[1]?.command).toBeNull();
});

test('a gap is told with its reason, and playing goes on behind it by itself', async () => {
  const { open, progress, commands, told } = bench();
  const id = await open();
  await progress(id, 'gap', t0 + 2 * minute);
  expect(told.at(-1)).toMatchObject({ state: 'gap', gap: { reason: 'camera-offline', toMs: t0 + 5 * minute } });
  await vi.advanceTimersByTimeAsync(2_000);
  expect(commands().at(-1)?.command).toMatchObject({ atMs: t0 + 5 * minute, paused: false });
});

test('a camera with a picture in ten seconds is not waited for where its footage ends in a gap', async () => {
  const { open, progress, commands, told } = bench();
  const id = await open();
  await progress(id, 'gap', t0 + 2 * minute - 10_000);
  expect(told.at(-1)?.state).toBe('gap');
  await vi.advanceTimersByTimeAsync(2_000);
  expect(commands().at(-1)?.command).toMatchObject({ atMs: t0 + 5 * minute, paused: false });
});

test('footage that is being written is waited for where it ends', async () => {
  const { open, progress, commands } = bench([piece(0), piece(599)]);
  const id = await open();
  const endMs = t0 + 600 * minute - 10_000;
  await progress(id, 'gap', endMs);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(commands().at(-1)?.command).toMatchObject({ atMs: endMs + 1, paused: false });
});

test('a gap while it is paused stays there, and behind the last footage is the end', async () => {
  const { service, open, progress, commands, told } = bench();
  const id = await open(t0, true);
  await progress(id, 'gap', t0 + 2 * minute);
  expect(told.at(-1)?.state).toBe('paused');
  await service.control({ sessionId: id, paused: false });
  await progress(id, 'gap', t0 + 6 * minute);
  expect(told.at(-1)?.state).toBe('end');
  const before = commands().length;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(commands()).toHaveLength(before);
});

test('what a person does counts more than the wait at a gap', async () => {
  const { service, open, progress, commands } = bench();
  const id = await open();
  await progress(id, 'gap', t0 + 2 * minute);
  await service.control({ sessionId: id, atMs: t0 + 10_000, speed: 4 });
  await vi.advanceTimersByTimeAsync(5_000);
  expect(commands().at(-1)?.command).toEqual({ atMs: t0 + 10_000, speed: 4, paused: false, step: 0 });
  await service.control({ sessionId: id, step: 1 });
  expect(commands().at(-1)?.command).toEqual({ atMs: null, speed: 4, paused: true, step: 1 });
});

test('a new engine plays on where the old one was', async () => {
  const { service, open, progress, commands } = bench();
  const id = await open();
  await progress(id, 'playing', t0 + 30_000);
  service.engineIsReady();
  await vi.advanceTimersByTimeAsync(0);
  expect(commands().at(-1)).toMatchObject({ command: { atMs: t0 + 30_000 } });
  expect(commands().at(-1)?.pieces).toHaveLength(3);
});

test('without a viewer it ends; one that comes back in time keeps it', async () => {
  const { service, sent, open } = bench();
  const id = await open();
  expect(service.watchChanged(id, 25)).toBe(true);
  expect(service.watchChanged('yard', 10)).toBe(false);
  service.watchChanged(id, 0);
  await vi.advanceTimersByTimeAsync(5_000);
  service.watchChanged(id, 25);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sent.some(({ type }) => type === 'stop-playing')).toBe(false);
  service.watchChanged(id, 0);
  await vi.advanceTimersByTimeAsync(11_000);
  expect(sent.at(-1)).toEqual({ type: 'stop-playing', session: id });
  await expect(service.control({ sessionId: id, paused: true })).rejects.toThrow('has ended');
});

test('four are played at once, a fifth is refused', async () => {
  const { service, open } = bench();
  const ids = await Promise.all([open(), open(), open(), open()]);
  await expect(open()).rejects.toThrow('being played already');
  service.close(ids[0] ?? '');
  await open();
});
