/**
 * A binary min-heap over small integers (stream numbers), each with one key that may change. Ties go to the smaller
 * `rank`, then to the smaller number, so that equal input always gives equal order. All changes are O(log n), in arrays of
 * numbers: nothing is allocated but when the largest number so far doubles.
 */
export interface KeyedHeap {
  size: number;
  /** Heap order → number; meaningful below `size`. */
  order: Int32Array;
  /** Number → key, rank and place in `order` plus one (0: not in the heap). */
  keys: Float64Array;
  ranks: Uint8Array;
  placesPlusOne: Int32Array;
}

const firstCapacity = 16;

export const createHeap = (): KeyedHeap => ({
  size: 0,
  order: new Int32Array(firstCapacity),
  keys: new Float64Array(firstCapacity),
  ranks: new Uint8Array(firstCapacity),
  placesPlusOne: new Int32Array(firstCapacity),
});

/** The number that comes first, or -1. */
export const heapFirst = (heap: KeyedHeap): number => (heap.size === 0 ? -1 : (heap.order[0] as number));

export const heapHas = (heap: KeyedHeap, id: number): boolean =>
  id < heap.keys.length && (heap.placesPlusOne[id] as number) > 0;

export function heapSet(heap: KeyedHeap, id: number, key: number, rank: number): void {
  if (id >= heap.keys.length) grow(heap, id);
  const placePlusOne = heap.placesPlusOne[id] as number;
  const oldKey = heap.keys[id] as number;
  heap.keys[id] = key;
  heap.ranks[id] = rank;
  if (placePlusOne === 0) {
    heap.size += 1;
    siftUp(heap, heap.size - 1, id);
  } else if (key > oldKey) siftDown(heap, placePlusOne - 1, id);
  else if (!siftUp(heap, placePlusOne - 1, id)) siftDown(heap, placePlusOne - 1, id);
}

export function heapRemove(heap: KeyedHeap, id: number): void {
  if (!heapHas(heap, id)) return;
  const place = (heap.placesPlusOne[id] as number) - 1;
  heap.size -= 1;
  const last = heap.order[heap.size] as number;
  heap.placesPlusOne[id] = 0;
  if (last === id) return;
  if (place === 0 || !siftUp(heap, place, last)) siftDown(heap, place, last);
}

/** True when `a` comes before `b`. */
export function heapBefore(heap: KeyedHeap, a: number, b: number): boolean {
  const { keys, ranks } = heap;
  const [keyA, keyB] = [keys[a] as number, keys[b] as number];
  return keyA < keyB || (keyA === keyB && isTieBefore(ranks, a, b));
}

function isTieBefore(ranks: Uint8Array, a: number, b: number): boolean {
  const [rankA, rankB] = [ranks[a] as number, ranks[b] as number];
  return rankA < rankB || (rankA === rankB && a < b);
}

/** Puts `id` at `place` or above it. */
function siftUp({ order, keys, ranks, placesPlusOne }: KeyedHeap, start: number, id: number): boolean {
  const key = keys[id] as number;
  let place = start;
  while (place > 0) {
    const parentPlace = (place - 1) >> 1;
    const parent = order[parentPlace] as number;
    const parentKey = keys[parent] as number;
    if (key > parentKey || (key === parentKey && !isTieBefore(ranks, id, parent))) break;
    order[place] = parent;
    placesPlusOne[parent] = place + 1;
    place = parentPlace;
  }
  order[place] = id;
  placesPlusOne[id] = place + 1;
  return place !== start;
}

/** Puts `id` at `place` or below it. */
function siftDown({ order, keys, ranks, placesPlusOne, size }: KeyedHeap, start: number, id: number): void {
  const key = keys[id] as number;
  let place = start;
  for (;;) {
    let childPlace = 2 * place + 1;
    if (childPlace >= size) break;
    let child = order[childPlace] as number;
    let childKey = keys[child] as number;
    if (childPlace + 1 < size) {
      const right = order[childPlace + 1] as number;
      const rightKey = keys[right] as number;
      if (rightKey < childKey || (rightKey === childKey && isTieBefore(ranks, right, child))) {
        childPlace += 1;
        child = right;
        childKey = rightKey;
      }
    }
    if (key < childKey || (key === childKey && !isTieBefore(ranks, child, id))) break;
    order[place] = child;
    placesPlusOne[child] = place + 1;
    place = childPlace;
  }
  order[place] = id;
  placesPlusOne[id] = place + 1;
}

function grow(heap: KeyedHeap, id: number): void {
  const capacity = Math.max(2 * heap.keys.length, 1 << (32 - Math.clz32(id)));
  const widened = { order: heap.order, keys: heap.keys, ranks: heap.ranks, placesPlusOne: heap.placesPlusOne };
  heap.order = new Int32Array(capacity);
  heap.keys = new Float64Array(capacity);
  heap.ranks = new Uint8Array(capacity);
  heap.placesPlusOne = new Int32Array(capacity);
  heap.order.set(widened.order);
  heap.keys.set(widened.keys);
  heap.ranks.set(widened.ranks);
  heap.placesPlusOne.set(widened.placesPlusOne);
}
