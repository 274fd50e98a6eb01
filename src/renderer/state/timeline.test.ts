import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { CallInput } from '../../shared/contract/calls.ts';
import type { Timeline } from '../../shared/domain/timeline.ts';
import { failed, type Result } from '../../shared/errors.ts';
import type { ApplicationState } from './application.svelte.ts';
import { TimelineState } from './timeline.svelte.ts';

type Question = CallInput<'lanes.timeline'>;
type Answer = Result<Timeline>;

const at = 1_800_000_000_000;
beforeEach(() => {
  vi.useFakeTimers({ now: at });
});
afterEach(() => {
  vi.useRealTimers();
});

/** The timeline of a host whose answers wait until they are let go. */
function opened() {
  const asked: { question: Question; answer: (answer: Answer) => void }[] = [];
  const app: Pick<ApplicationState, 'call'> = {
    call: (_name, question) =>
      new Promise((resolve) => {
        asked.push({ question: question as Question, answer: resolve });
      }),
  };
  const timeline = new TimelineState(app as ApplicationState);
  const stop = timeline.start();
  return { timeline, asked, stop };
}

const nothing = ({ fromMs, toMs }: Question): Answer => ({
  ok: true,
  value: { fromMs, toMs, keptFromMs: 0, buckets: [], runs: [], shed: [] },
});
const span = ({ question }: { question: Question }): number => question.toMs - question.fromMs;

test('a window that changes while an answer is on its way is asked for right after it', async () => {
  const { timeline, asked, stop } = opened();
  expect(asked).toHaveLength(1);
  timeline.setSpan(3_600_000);
  const first = asked[0];
  first?.answer(nothing(first.question));
  await vi.advanceTimersByTimeAsync(100);
  expect(asked).toHaveLength(2);
  expect(asked.map(span)[1]).toBeGreaterThanOrEqual(3_600_000);
  stop();
});

test('a burst of movements is one question, and standing still it does not follow the present', async () => {
  const { timeline, asked, stop } = opened();
  const first = asked[0];
  first?.answer(nothing(first.question));
  await vi.advanceTimersByTimeAsync(1);
  for (let index = 0; index < 20; index++) timeline.pan(-0.1);
  await vi.advanceTimersByTimeAsync(100);
  expect(asked).toHaveLength(2);
  expect(timeline.follows).toBe(false);
  const { fromMs } = timeline.window;
  const second = asked[1];
  second?.answer(nothing(second.question));
  await vi.advanceTimersByTimeAsync(30_000);
  expect(timeline.window.fromMs).toBe(fromMs);
  expect(asked).toHaveLength(2);
  timeline.followNow();
  expect(timeline.window.toMs).toBe(Date.now());
  stop();
});

test('a question that fails keeps the picture, says why, and is asked again by itself', async () => {
  const { timeline, asked, stop } = opened();
  const first = asked[0];
  first?.answer(nothing(first.question));
  await vi.advanceTimersByTimeAsync(600);
  asked[1]?.answer(failed({ kind: 'internal', message: 'no store' }));
  await vi.advanceTimersByTimeAsync(1);
  expect(timeline.error?.message).toBe('no store');
  expect(timeline.timeline).not.toBeNull();
  await vi.advanceTimersByTimeAsync(4_000);
  expect(asked).toHaveLength(3);
  stop();
  const third = asked[2];
  third?.answer(nothing(third.question));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toHaveLength(3);
});
