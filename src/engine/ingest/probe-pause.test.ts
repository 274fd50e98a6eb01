import { expect, test } from 'vitest';
import { manualClock } from '../../core/testing/manual-clock.ts';
import { ProbePause } from './probe-pause.ts';

test('a stream that has ended before its first picture is looked at less and less; one that sends is not kept waiting', async () => {
  const clock = manualClock();
  const waited: number[] = [];
  const ending = new AbortController();
  const pause = new ProbePause(clock, (ms) => {
    waited.push(ms);
    clock.advanceTo(clock.monoMs() + ms);
    return Promise.resolve();
  });
  const pass = async (tookMs: number): Promise<void> => {
    clock.advanceTo(clock.monoMs() + tookMs);
    await pause.after(ending.signal);
  };
  for (let passes = 0; passes < 12; passes++) await pass(0);
  expect(waited).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 200, 200, 200, 200]);
  for (const tookMs of [20, 20, 1]) await pass(tookMs);
  expect(waited.slice(12)).toEqual([1]);
  ending.abort(new Error('closed'));
  await expect(pass(0)).rejects.toThrow('closed');
});
