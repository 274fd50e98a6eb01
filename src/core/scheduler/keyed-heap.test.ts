import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createHeap, heapBefore, heapFirst, heapHas, heapRemove, heapSet } from './keyed-heap.ts';

test('the first is always the least, whatever was set and removed before', () => {
  const change = fc.record({
    id: fc.nat({ max: 40 }),
    key: fc.option(fc.nat({ max: 5 }), { nil: null }),
    rank: fc.nat({ max: 2 }),
  });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 80 }), (changes) => {
      const heap = createHeap();
      const shadow = new Map<number, { key: number; rank: number }>();
      for (const { id, key, rank } of changes) {
        if (key === null) {
          heapRemove(heap, id);
          shadow.delete(id);
        } else {
          heapSet(heap, id, key, rank);
          shadow.set(id, { key, rank });
        }
        const sorted = [...shadow].sort(([a, x], [b, y]) => x.key - y.key || x.rank - y.rank || a - b);
        expect(heapFirst(heap)).toBe(sorted[0]?.[0] ?? -1);
        const order = [...heap.order.subarray(0, heap.size)];
        expect([...order].sort((a, b) => a - b)).toEqual([...shadow.keys()].sort((a, b) => a - b));
        order.forEach((one, place) => {
          expect(heapHas(heap, one)).toBe(true);
          expect(heap.placesPlusOne[one]).toBe(place + 1);
          if (place > 0) expect(heapBefore(heap, one, order[(place - 1) >> 1] as number)).toBe(false);
        });
      }
    }),
  );
});
