import { expect, test } from 'vitest';
import type { ReviewFilter, ReviewPage } from '../../shared/contract/calls.ts';
import { failed, type Result } from '../../shared/errors.ts';
import { nearestSightings, type Sighting } from './nearest-sightings.ts';

const sighting = (startMs: number, endMs: number | null = startMs + 5): Sighting => ({
  kind: 'event',
  id: startMs,
  cameraId: 'yard',
  cameraName: 'Yard',
  label: 'person',
  trackId: 1,
  startMs,
  endMs,
  bestMs: startMs,
  bestScore: 0.9,
  bestBox: [0, 0, 1, 1],
  frames: 3,
  reviewed: false,
  sourceWidth: 640,
  sourceHeight: 480,
});

/** A review of these, newest first, as the host answers it. */
const hostWith = (all: readonly Sighting[]) => {
  const ask = (question: { filter: ReviewFilter; offset: number; limit: number }): Promise<Result<ReviewPage>> => {
    const { sinceMs, untilMs, cameraIds } = question.filter;
    const found = all
      .filter(
        ({ startMs, endMs, cameraId }) =>
          cameraIds.includes(cameraId) &&
          (untilMs === null || startMs <= untilMs) &&
          (sinceMs === null || (endMs ?? Infinity) >= sinceMs),
      )
      .toSorted((a, b) => b.startMs - a.startMs);
    const entries = found.slice(question.offset, question.offset + question.limit);
    return Promise.resolve({ ok: true, value: { total: found.length, entries, labels: [] } });
  };
  return async (atMs: number) => {
    const answer = await nearestSightings(ask, 'yard', atMs, 3);
    return answer.ok ? answer.value.map(({ startMs }) => startMs) : answer.error.message;
  };
};

test('the nearest are told, whether they came before or after', async () => {
  const nearest = hostWith([10, 20, 40, 100, 130, 200, 300, 400].map((at) => sighting(at)));
  expect(await nearest(110)).toEqual([100, 130, 40]);
  expect(await nearest(0)).toEqual([10, 20, 40]);
  expect(await nearest(1_000)).toEqual([400, 300, 200]);
});

test('what is under way counts once and is the nearest of all', async () => {
  const nearest = hostWith([sighting(10, null), sighting(90), sighting(120)]);
  expect(await nearest(100)).toEqual([10, 90, 120]);
  expect(await hostWith([])(100)).toEqual([]);
});

test('a host that does not answer is no camera that saw nothing', async () => {
  const answer = await nearestSightings(
    () => Promise.resolve(failed({ kind: 'internal', message: 'no' })),
    'yard',
    1,
    3,
  );
  expect(answer.ok).toBe(false);
});
