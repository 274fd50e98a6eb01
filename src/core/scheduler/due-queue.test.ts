import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDueQueue, dueFirst, dueIsInRow, dueRemove, dueSet } from './due-queue.ts';

/** Carries the changes out and holds the queue against a plain list after each. */
function follows(changes: readonly { id: number; key: number | null; rank: number }[]): void {
  const queue = createDueQueue();
  const shadow = new Map<number, { key: number; rank: number }>();
  for (const { id, key, rank } of changes) {
    if (key === null) {
      dueRemove(queue, id);
      shadow.delete(id);
    } else {
      dueSet(queue, id, key, rank);
      shadow.set(id, { key, rank });
    }
    const sorted = [...shadow].sort(([a, x], [b, y]) => x.key - y.key || x.rank - y.rank || a - b);
    expect(dueFirst(queue)).toBe(sorted[0]?.[0] ?? -1);
    expect(queue.size).toBe(shadow.size);
    const { order, keys, start, end, heap } = queue;
    const row = [...order.subarray(start, end)];
    expect(row).toEqual(sorted.map(([one]) => one).filter((one) => dueIsInRow(queue, one)));
    expect([...keys.subarray(start, end)]).toEqual(row.map((one) => shadow.get(one)?.key));
    expect([...row, ...heap.order.subarray(0, heap.size)].sort((a, b) => a - b)).toEqual(
      [...shadow.keys()].sort((a, b) => a - b),
    );
  }
}

describe('the first is always the least, and the row is in order, whatever was set and removed before', () => {
  const change = (key: fc.Arbitrary<number>) =>
    fc.record({ id: fc.nat({ max: 60 }), key: fc.option(key, { nil: null }), rank: fc.nat({ max: 2 }) });

  test('for keys in no order, many of them equal', () => {
    fc.assert(fc.property(fc.array(change(fc.nat({ max: 5 })), { maxLength: 120 }), follows));
  });

  test('for keys that mostly grow', () => {
    const steps = fc.array(change(fc.integer({ min: -30, max: 100 })), { maxLength: 120 });
    fc.assert(
      fc.property(steps, (changes) => {
        follows(changes.map((one, index) => (one.key === null ? one : { ...one, key: 10 * index + one.key })));
      }),
    );
  });
});

test('frames that come in order of their deadlines never meet the heap, however many wait', () => {
  const queue = createDueQueue();
  for (let id = 0; id < 500; id += 1) dueSet(queue, id, id, 1);
  for (let frame = 500; frame < 5_000; frame += 1) {
    // A few pass each other on their way.
    dueSet(queue, frame % 1_000, frame + 5 * Math.sin(frame), 1);
    dueRemove(queue, dueFirst(queue));
    expect(queue.heap.size).toBe(0);
    expect(queue.size).toBe(500);
  }
  expect(queue.order.length).toBeLessThanOrEqual(4_096);
});

test('a row that was emptied begins anew, however it was emptied', () => {
  const queue = createDueQueue();
  for (let frame = 0; frame < 100; frame += 1) {
    dueSet(queue, 0, frame, 1);
    // The same number with another key: taken out and put in again.
    dueSet(queue, 0, frame + 0.5, 1);
    expect([queue.start, queue.end]).toEqual([0, 1]);
    dueSet(queue, 1, frame + 0.7, 1);
    for (const id of frame % 2 === 0 ? [0, 1] : [1, 0]) dueRemove(queue, id);
    expect([queue.start, queue.end, queue.size, dueFirst(queue)]).toEqual([0, 0, 0, -1]);
  }
});

test('what would have to pass by many is kept apart', () => {
  const queue = createDueQueue();
  for (let id = 0; id < 100; id += 1) dueSet(queue, id, 1_000 + id, 1);
  dueSet(queue, 200, 10, 1);
  expect(dueIsInRow(queue, 200)).toBe(false);
  expect(dueFirst(queue)).toBe(200);
  dueRemove(queue, 200);
  expect(dueFirst(queue)).toBe(0);
});
