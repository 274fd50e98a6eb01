import { expect, test } from 'vitest';
import { createPaceWindow, lookAtPace, type MeasuredPace, type PaceSight } from './pace-window.ts';

const job = { id: 'night', work: 'nanodet-g normal' };

/** One sight a second at so many pictures a second. */
function look(seconds: number, change: (second: number) => Partial<PaceSight>): MeasuredPace[] {
  const window = createPaceWindow();
  const measured: MeasuredPace[] = [];
  for (let second = 0; second <= seconds; second += 1) {
    const sight = { atMonoMs: second * 1000, frames: second * 80, job, beside: 'nobody', ...change(second) };
    const pace = lookAtPace(window, sight);
    if (pace !== null) measured.push(pace);
  }
  return measured;
}

test('a pace every ten seconds, after three to settle', () => {
  expect(look(12, () => ({}))).toEqual([]);
  expect(look(23, () => ({}))).toEqual([
    { work: 'nanodet-g normal', imagesPerSecond: 80 },
    { work: 'nanodet-g normal', imagesPerSecond: 80 },
  ]);
});

test('the slow start of a job is not counted', () => {
  const [pace] = look(16, (second) => ({ frames: Math.max(0, second - 3) * 80 }));
  expect(pace?.imagesPerSecond).toBeCloseTo(80, 6);
});

test.each<[string, (second: number) => Partial<PaceSight>]>([
  ['a camera joins', (second) => ({ beside: second < 8 ? 'nobody' : 'Gate' })],
  ['another job', (second) => ({ job: second < 8 ? job : { ...job, id: 'other' } })],
  ['the job ends', (second) => ({ job: second < 8 ? job : null })],
  ['a new engine counts from 0', (second) => ({ frames: second < 8 ? second * 80 : (second - 8) * 80 })],
  ['nothing is run for three seconds', (second) => ({ frames: Math.min(second, 8) * 80 })],
])('%s: the window begins anew', (_what, change) => {
  expect(look(15, change)).toEqual([]);
});
