import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EventMessage } from '../../shared/contract/events.ts';
import type { CameraLane, CameraTimeline } from '../../shared/domain/camera-timeline.ts';
import type { PlaybackState } from '../../shared/domain/playback.ts';
import { failed, NightshiftError, ok } from '../../shared/errors.ts';
import type { ApplicationState } from './application.svelte.ts';
import { CameraTimelineState } from './camera-timeline.svelte.ts';
import { Playback } from './playback.svelte.ts';

const nowMs = 1_800_000_000_000;
const minute = 60_000;
beforeEach(() => {
  vi.useFakeTimers({ now: nowMs });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A camera that was recorded from ten to four minutes ago. */
const recorded = { fromMs: nowMs - 10 * minute, toMs: nowMs - 4 * minute };
const lane: CameraLane = {
  cameraId: 'yard',
  boxes: [],
  sightings: [],
  recorded: [recorded],
  gaps: [
    { fromMs: 0, toMs: recorded.fromMs, reason: 'off' },
    { fromMs: recorded.toMs, toMs: nowMs, reason: 'camera-offline' },
  ],
  kept: [],
  states: [],
};

/** The player and its timeline on a host that has this camera. */
async function opened() {
  const calls: { name: string; input: Record<string, unknown> }[] = [];
  let tell: (message: EventMessage) => void = () => undefined;
  const answers: Record<string, (input: never) => unknown> = {
    'cameras.timeline': ({ fromMs, toMs }: { fromMs: number; toMs: number }): CameraTimeline => ({
      ...{ fromMs, toMs, bucketMs: 1_000 },
      cameras: [
        {
          ...lane,
          // As the host does it: nothing is told of what was not asked for.
          gaps: lane.gaps
            .map((gap) => ({ ...gap, fromMs: Math.max(gap.fromMs, fromMs), toMs: Math.min(gap.toMs, toMs) }))
            .filter((gap) => gap.toMs > gap.fromMs),
        },
      ],
    }),
    'recordings.status': () => ({
      cameras: [{ cameraId: 'yard', oldestMs: recorded.fromMs, newestMs: recorded.toMs }],
    }),
    'recordings.coverage': () => ({ segments: [], gaps: lane.gaps }),
    'playback.open': () => ({ sessionId: 's1' }),
  };
  const app = {
    cameras: [{ id: 'yard' }, { id: 'gate' }],
    call: async (name: string, input: Record<string, unknown>) => {
      calls.push({ name, input });
      const answer = await answers[name]?.(input as never);
      return answer instanceof NightshiftError ? failed(answer) : ok(answer);
    },
    onEvent: (listener: typeof tell) => {
      tell = listener;
      return () => undefined;
    },
  } as unknown as ApplicationState;
  const timeline = new CameraTimelineState(app);
  const playback = new Playback(app, timeline);
  const stop = [timeline.start(), playback.start()];
  await playback.choose('yard', null);
  await vi.advanceTimersByTimeAsync(500);
  return {
    timeline,
    playback,
    answers,
    closed: () => calls.flatMap(({ name, input }) => (name === 'playback.close' ? [input['sessionId']] : [])),
    commands: () => calls.filter(({ name }) => /^playback\.(open|control)$/.test(name)),
    asked: (name: string) => calls.filter((call) => call.name === name).length,
    plays: (part: Partial<PlaybackState>) => {
      const payload: PlaybackState = {
        ...{ sessionId: 's1', cameraId: 'yard', atMs: 0, speed: 1, state: 'playing', gap: null },
        ...part,
      };
      tell({ event: 'playback.state', payload });
    },
    stop: () => {
      for (const undo of stop) undo();
    },
  };
}

test('it opens on what is recorded, not on an hour in which that is a sliver', async () => {
  const { timeline, stop } = await opened();
  const { fromMs, toMs } = timeline.window;
  expect((recorded.toMs - recorded.fromMs) / (toMs - fromMs)).toBeGreaterThan(0.8);
  expect(timeline.follows).toBe(false);
  stop();
});

test('a moment with footage is played; one without stays and says why, and goes on behind it only when asked', async () => {
  const { playback, commands, plays, stop } = await opened();
  await playback.seek(recorded.fromMs + minute);
  expect(commands().at(-1)).toMatchObject({ name: 'playback.open', input: { atMs: recorded.fromMs + minute } });
  plays({ atMs: recorded.fromMs + minute });
  expect(playback.isPaused).toBe(false);

  await playback.seek(recorded.fromMs - 10_000);
  expect(playback.away?.gap.reason).toBe('off');
  expect(playback.isPaused).toBe(true);
  expect(commands().at(-1)?.input).toEqual({ sessionId: 's1', paused: true });
  await playback.step(1);
  expect(commands()).toHaveLength(2);

  await playback.toggle();
  expect(playback.away).toBeNull();
  expect(commands().at(-1)?.input).toEqual({ sessionId: 's1', atMs: recorded.fromMs, paused: false });
  stop();
});

test('of a moment that the timeline does not show the host is asked; the last one that was wanted counts', async () => {
  const { playback, timeline, asked, commands, stop } = await opened();
  const farMs = nowMs - 5 * 86_400_000;
  const far = playback.seek(farMs);
  expect(timeline.window.fromMs).toBeLessThan(farMs);
  expect(timeline.window.toMs).toBeGreaterThan(farMs);
  await far;
  expect(asked('recordings.coverage')).toBe(1);
  expect(playback.away?.gap.reason).toBe('off');
  expect(commands()).toHaveLength(0);

  const first = playback.seek(farMs - minute);
  await playback.seek(recorded.fromMs + minute);
  await first;
  expect(playback.away).toBeNull();
  expect(commands()).toHaveLength(1);
  stop();
});

test('the window goes with what plays out of it, and stays where somebody looks elsewhere', async () => {
  const { playback, timeline, plays, stop } = await opened();
  timeline.show({ fromMs: recorded.fromMs, toMs: recorded.fromMs + minute });
  await vi.advanceTimersByTimeAsync(100);
  await playback.seek(recorded.fromMs + 30_000);
  plays({ atMs: recorded.fromMs + 59_000 });
  plays({ atMs: recorded.fromMs + 61_000 });
  expect(timeline.window.toMs).toBeGreaterThan(recorded.fromMs + 61_000);

  timeline.show({ fromMs: recorded.toMs - minute, toMs: recorded.toMs });
  const { window } = timeline;
  plays({ atMs: recorded.fromMs + 62_000 });
  plays({ atMs: recorded.fromMs + 63_000 });
  expect(timeline.window).toEqual(window);
  stop();
});

test('a player that was still being opened when another camera was chosen is closed, and its pictures are never shown', async () => {
  const { playback, answers, closed, stop } = await opened();
  let open = (): void => undefined;
  answers['playback.open'] = ({ cameraId }: { cameraId: string }) =>
    cameraId === 'gate'
      ? { sessionId: 'of the gate' }
      : new Promise((resolve) => {
          open = () => {
            resolve({ sessionId: 'of the yard' });
          };
        });
  const first = playback.seek(recorded.fromMs + minute);
  await vi.advanceTimersByTimeAsync(0);
  const second = playback.choose('gate', recorded.fromMs + 2 * minute);
  await vi.advanceTimersByTimeAsync(0);
  open();
  await Promise.all([first, second]);
  expect(playback).toMatchObject({ cameraId: 'gate', sessionId: 'of the gate' });
  expect(closed()).toEqual(['of the yard']);
  stop();
});

test('what went wrong is told until something goes right again', async () => {
  const { playback, answers, stop } = await opened();
  await playback.seek(recorded.fromMs + minute);
  answers['playback.control'] = () => new NightshiftError({ kind: 'timed-out', message: 'The store did not answer.' });
  await playback.setSpeed(2);
  expect(playback.error?.kind).toBe('timed-out');
  answers['playback.control'] = () => undefined;
  await playback.setSpeed(4);
  expect(playback.error).toBeNull();
  stop();
});
