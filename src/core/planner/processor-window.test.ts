import { expect, test } from 'vitest';
import { createProcessorWindow, lookAtProcessor, type ProcessorPace } from './processor-window.ts';

/** One sight a second of a program that uses 1.5 cores, 10 live and 40 archive frames a second. */
function looks(seconds: number, change: (second: number) => { beside?: string; coreMs?: number }): ProcessorPace[] {
  const window = createProcessorWindow();
  const paces: ProcessorPace[] = [];
  for (let second = 0; second < seconds; second += 1) {
    const pace = lookAtProcessor(window, {
      atMonoMs: 1_000 * second,
      coreMs: 1_500 * second,
      liveFrames: 10 * second,
      archiveFrames: 40 * second,
      beside: 'cameras',
      ...change(second),
    });
    if (pace !== null) paces.push(pace);
  }
  return paces;
}

test('a stretch in which nothing changes tells what is used a second, its beginning left out', () => {
  expect(looks(9, () => ({}))).toEqual([]);
  expect(looks(17, () => ({}))).toEqual([
    { coreMsPerSecond: 1_500, livePerSecond: 10, archivePerSecond: 40 },
    { coreMsPerSecond: 1_500, livePerSecond: 10, archivePerSecond: 40 },
  ]);
});

test('other company, or another engine, begins a new one', () => {
  expect(looks(17, (second) => ({ beside: second < 8 ? 'one' : 'two' }))).toEqual([]);
  expect(looks(30, (second) => ({ beside: String(second) }))).toEqual([]);
  expect(looks(17, (second) => ({ coreMs: second < 8 ? 1_500 * second : 10 * second }))).toEqual([]);
});
