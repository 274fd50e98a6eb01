import { expect, test } from 'vitest';
import { seededRandom } from '../../src/core/testing/seeded-random.ts';
import { makeTrace } from './trace.ts';

const cameras = ['a', 'b', 'c', 'd', 'e', 'f'];

test.each(['jittered', 'bursty'] as const)(
  'a %s trace is in order, repeatable and has the rate it was asked for',
  (kind) => {
    const shape = { cameras, fps: 10, durationMs: 60_000, kind };
    const trace = makeTrace(shape, seededRandom(4));
    expect(trace).toEqual(makeTrace(shape, seededRandom(4)));
    expect(trace.map(({ dueMonoMs }) => dueMonoMs)).toEqual(
      trace.map(({ dueMonoMs }) => dueMonoMs).sort((a, b) => a - b),
    );
    for (const camera of cameras) {
      expect(trace.filter(({ source }) => source === camera).length / 600).toBeCloseTo(1, 1);
    }
  },
);

test('the largest second of a bursty trace has clearly more frames than that of a jittered one', () => {
  const most = (kind: 'jittered' | 'bursty'): number => {
    const counts = new Map<number, number>();
    for (const { dueMonoMs } of makeTrace({ cameras, fps: 10, durationMs: 20_000, kind }, seededRandom(4))) {
      const slice = Math.floor(dueMonoMs / 200);
      counts.set(slice, (counts.get(slice) ?? 0) + 1);
    }
    return Math.max(...counts.values());
  };
  expect(most('bursty')).toBeGreaterThan(1.8 * most('jittered'));
});
