/**
 * A binary min-heap over small integers (stream numbers), each with one key that may change. Ties go to the smaller
 * `rank`, then to the smaller number, so that equal input always gives equal order. All changes are O(log n), in arrays of
 * numbers: nothing is allocated but when the largest number so far doubles.
 */
export interface KeyedHeap {
  size: number;
  /** Place → number and key; meaningful below `size`. Keys lie by place, so that two children are one look into memory. */
  order: Int32Array;
  keys: Float64Array;
  /** Number → rank, and place plus one (0: not in the heap). */
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
  id < heap.ranks.length && (heap.placesPlusOne[id] as number) > 0;

/** Of a number that is in the heap. */
export const heapKey = (heap: KeyedHeap, id: number): number =>
  heap.keys[(heap.placesPlusOne[id] as number) - 1] as number;

export function heapSet(heap: KeyedHeap, id: number, key: number, rank: number): void {
  if (id >= heap.ranks.length) grow(heap, id);
  heap.ranks[id] = rank;
  const place = (heap.placesPlusOne[id] as number) - 1;
  if (place < 0) {
    heap.size += 1;
    siftUp(heap, heap.size - 1, id, key);
  } else if (key > (heap.keys[place] as number) || !siftUp(heap, place, id, key)) siftDown(heap, place, id, key);
}

export function heapRemove(heap: KeyedHeap, id: number): void {
  if (!heapHas(heap, id)) return;
  const { order, keys, placesPlusOne } = heap;
  const place = (placesPlusOne[id] as number) - 1;
  const end = heap.size - 1;
  heap.size = end;
  placesPlusOne[id] = 0;
  if (place === end) return;
  const last = order[end] as number;
  const key = keys[end] as number;
  if (place === 0 || !siftUp(heap, place, last, key)) siftDown(heap, place, last, key);
}

/** True when `a` comes before `b`; both are in the heap. */
export function heapBefore(heap: KeyedHeap, a: number, b: number): boolean {
  const [keyA, keyB] = [heapKey(heap, a), heapKey(heap, b)];
  return keyA < keyB || (keyA === keyB && isTieBefore(heap.ranks, a, b));
}

/** Of two numbers with equal keys. */
export function isTieBefore(ranks: Uint8Array, a: number, b: number): boolean {
  const [rankA, rankB] = [ranks[a] as number, ranks[b] as number];
  return rankA < rankB || (rankA === rankB && a < b);
}

/** Puts `id` at `place` or above it. */
function siftUp({ order, keys, ranks, placesPlusOne }: KeyedHeap, start: number, id: number, key: number): boolean {
  let place = start;
  while (place > 0) {
    const parentPlace = (place - 1) >> 1;
    const parent = order[parentPlace] as number;
    const parentKey = keys[parentPlace] as number;
    if (key > parentKey || (key === parentKey && !isTieBefore(ranks, id, parent))) break;
    order[place] = parent;
    keys[place] = parentKey;
    placesPlusOne[parent] = place + 1;
    place = parentPlace;
  }
  order[place] = id;
  keys[place] = key;
  placesPlusOne[id] = place + 1;
  return place !== start;
}

/** Puts `id` at `place` or below it. */
function siftDown(
  { order, keys, ranks, placesPlusOne, size }: KeyedHeap,
  start: number,
  id: number,
  key: number,
): void {
  let place = start;
  for (let childPlace = 2 * place + 1; childPlace < size; childPlace = 2 * place + 1) {
    if (childPlace + 1 < size) {
      const left = keys[childPlace] as number;
      const right = keys[childPlace + 1] as number;
      // Which child is less cannot be foreseen: added as a number it costs no wrong guess of the processor.
      if (left !== right) childPlace += Number(right < left);
      else if (isTieBefore(ranks, order[childPlace + 1] as number, order[childPlace] as number)) childPlace += 1;
    }
    const child = order[childPlace] as number;
    const childKey = keys[childPlace] as number;
    if (key < childKey || (key === childKey && !isTieBefore(ranks, child, id))) break;
    order[place] = child;
    keys[place] = childKey;
    placesPlusOne[child] = place + 1;
    place = childPlace;
  }
  order[place] = id;
  keys[place] = key;
  placesPlusOne[id] = place + 1;
}

function grow(heap: KeyedHeap, id: number): void {
  const capacity = Math.max(2 * heap.ranks.length, 1 << (32 - Math.clz32(id)));
  const { order, keys, ranks, placesPlusOne } = heap;
  heap.order = new Int32Array(capacity);
  heap.keys = new Float64Array(capacity);
  heap.ranks = new Uint8Array(capacity);
  heap.placesPlusOne = new Int32Array(capacity);
  heap.order.set(order);
  heap.keys.set(keys);
  heap.ranks.set(ranks);
  heap.placesPlusOne.set(placesPlusOne);
}
