import { expect, test } from 'vitest';
import type { OperationName } from '../../store/operations.ts';
import { CameraTimelines } from './camera-timelines.ts';

const minute = 60_000;
const t0 = 500_000 * 60 * minute;

/** The timelines over a store that holds `held` boxes in each minute, and remembers what it is asked. */
function opened(held: number) {
  const asked: { name: string; input: Record<string, number> }[] = [];
  const answers: Partial<Record<OperationName, unknown>> = {
    'activity.count': held,
    'activity.read': [[1, 5]],
    'activity.sightings': [{ cameraId: 'gate', bucket: 2, count: 1 }],
    'cameras.history': [{ fromMs: t0, toMs: t0 + minute, state: 'live', reason: null }],
  };
  const timelines = new CameraTimelines({
    store: {
      call: (name, input) => {
        asked.push({ name, input: input as never });
        return Promise.resolve(answers[name] as never);
      },
    },
    clock: { epochMs: () => t0 + 4 * minute, monoMs: () => 0 },
    footage: () => Promise.resolve({ recorded: [{ fromMs: t0, toMs: t0 + 9 }], gaps: [], kept: [] }),
    sizeOf: () => null,
    historyUpToNow: () => Promise.resolve(),
  });
  const read = (fromMs: number, toMs: number) =>
    timelines.read({ cameraIds: ['yard', 'gate'], fromMs, toMs, buckets: 300 });
  return { read, asked };
}

test('cameras are told in the order of the question, in whole buckets up to the present', async () => {
  const { read } = opened(100);
  const { fromMs, toMs, bucketMs, cameras } = await read(t0 + 500, t0 + 5 * minute);
  expect({ fromMs, toMs, bucketMs }).toEqual({ fromMs: t0, toMs: t0 + 4 * minute + 1_000, bucketMs: 1_000 });
  expect(cameras.map(({ cameraId }) => cameraId)).toEqual(['yard', 'gate']);
  expect(cameras[0]?.boxes).toHaveLength(241);
  expect(cameras[0]?.boxes.slice(0, 3)).toEqual([0, 5, 0]);
  expect(cameras[0]?.sightings[2]).toBe(0);
  expect(cameras[1]?.sightings[2]).toBe(1);
  expect(cameras[1]).toMatchObject({ recorded: [{ fromMs: t0, toMs: t0 + 9 }], states: [{ state: 'live' }] });
});

test('seconds in which too much was seen are told by the minute', async () => {
  const { read, asked } = opened(10_000_000);
  expect((await read(t0, t0 + 5 * minute)).bucketMs).toBe(minute);
  expect(asked.filter(({ name }) => name === 'activity.read').every(({ input }) => input['bucketMs'] === minute)).toBe(
    true,
  );
});

test('what is still to come is empty, not an error', async () => {
  const { read } = opened(0);
  const later = await read(t0 + 60 * minute, t0 + 61 * minute);
  expect(later.toMs - later.fromMs).toBe(1_000);
});
