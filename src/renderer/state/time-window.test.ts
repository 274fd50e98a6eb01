import { expect, test } from 'vitest';
import {
  longestSpanMs,
  maxBuckets,
  maxRuns,
  panned,
  questionFor,
  shortestSpanMs,
  windowAround,
  zoomed,
} from './time-window.ts';

const nowMs = 1_800_000_000_000;

test('zooming keeps what is under the pointer where it is', () => {
  const window = { fromMs: nowMs - 100_000, toMs: nowMs - 20_000 };
  const closer = zoomed(window, 0.5, nowMs - 40_000, nowMs);
  expect(closer.toMs - closer.fromMs).toBe(40_000);
  expect((nowMs - 40_000 - closer.fromMs) / 40_000).toBeCloseTo(0.75);
});

test('a window is never shorter than two seconds, longer than a day, or in the future', () => {
  const window = { fromMs: nowMs - 10_000, toMs: nowMs };
  const closest = zoomed(window, 1e-6, nowMs - 5_000, nowMs);
  expect(closest.toMs - closest.fromMs).toBe(shortestSpanMs);
  const widest = zoomed(window, 1e9, nowMs - 5_000, nowMs);
  expect(widest).toEqual({ fromMs: nowMs - longestSpanMs, toMs: nowMs });
  expect(panned(window, 60_000, nowMs)).toEqual(window);
  expect(panned(window, -1e12, nowMs)).toEqual({ fromMs: nowMs - longestSpanMs, toMs: nowMs - longestSpanMs + 10_000 });
});

test('single calls are asked for where they can be seen', () => {
  expect(questionFor({ fromMs: nowMs - 600_000, toMs: nowMs }).maxRuns).toBe(maxRuns);
  expect(questionFor({ fromMs: nowMs - 3_600_000, toMs: nowMs }).maxRuns).toBe(0);
});

test('what is asked covers the window with few stretches whose borders do not move with it', () => {
  for (const spanMs of [2_000, 9_999, 60_000, 3_600_000, 86_400_000]) {
    const window = { fromMs: nowMs - 123 - spanMs, toMs: nowMs - 123 };
    const question = questionFor(window);
    expect(question.fromMs).toBeLessThanOrEqual(window.fromMs);
    expect(question.toMs).toBeGreaterThanOrEqual(window.toMs);
    expect(question.buckets).toBeLessThanOrEqual(maxBuckets);
    const stretchMs = (question.toMs - question.fromMs) / question.buckets;
    expect(question.fromMs % stretchMs).toBe(0);
    const later = questionFor({ fromMs: window.fromMs + 7, toMs: window.toMs + 7 });
    expect((later.fromMs - question.fromMs) % stretchMs).toBe(0);
  }
});

test('the window follows a moment that leaves it, and never beyond now', () => {
  const window = { fromMs: 0, toMs: 100 };
  expect(windowAround(window, 50, 1_000)).toBe(window);
  expect(windowAround(window, 400, 1_000)).toEqual({ fromMs: 350, toMs: 450 });
  expect(windowAround(window, 990, 1_000)).toEqual({ fromMs: 900, toMs: 1_000 });
});

test('limits of its own reach further back and no closer', () => {
  const limits = { shortestMs: 60_000, longestMs: 7 * longestSpanMs, reachMs: 365 * longestSpanMs };
  const window = { fromMs: nowMs - 90_000, toMs: nowMs };
  const closest = zoomed(window, 0.01, nowMs - 45_000, nowMs, limits);
  expect(closest).toEqual({ fromMs: nowMs - 75_000, toMs: nowMs - 15_000 });
  const monthAgo = panned(window, -30 * longestSpanMs, nowMs, limits);
  expect(nowMs - monthAgo.toMs).toBe(30 * longestSpanMs);
});
