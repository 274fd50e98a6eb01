/**
 * A binary min-heap over small integers (stream numbers), each with one key that may change. Ties go to the smaller
 * `rank`, then to the smaller number, so that equal input always gives equal order. All changes are O(log n).
 */
export interface KeyedHeap {
  /** Heap order → number. */
  readonly order: number[];
  /** Number → key, rank and place in `order` (-1: not in the heap). */
  readonly keys: number[];
  readonly ranks: number[];
  readonly places: number[];
}

export const createHeap = (): KeyedHeap => ({ order: [], keys: [], ranks: [], places: [] });

export function heapSet(heap: KeyedHeap, id: number, key: number, rank: number): void {
  const place = heap.places[id] ?? -1;
  heap.keys[id] = key;
  heap.ranks[id] = rank;
  if (place < 0) {
    heap.places[id] = heap.order.length;
    heap.order.push(id);
    siftUp(heap, heap.order.length - 1);
  } else if (!siftUp(heap, place)) siftDown(heap, place);
}

export function heapRemove(heap: KeyedHeap, id: number): void {
  const place = heap.places[id] ?? -1;
  if (place < 0) return;
  const last = heap.order.pop() as number;
  heap.places[id] = -1;
  if (last === id) return;
  heap.order[place] = last;
  heap.places[last] = place;
  if (!siftUp(heap, place)) siftDown(heap, place);
}

/** True when `a` comes before `b`. */
export function heapBefore(heap: KeyedHeap, a: number, b: number): boolean {
  const difference = (heap.keys[a] as number) - (heap.keys[b] as number);
  if (difference !== 0) return difference < 0;
  const rank = (heap.ranks[a] as number) - (heap.ranks[b] as number);
  return rank === 0 ? a < b : rank < 0;
}

function siftUp(heap: KeyedHeap, start: number): boolean {
  const { order, places } = heap;
  const id = order[start] as number;
  let place = start;
  while (place > 0) {
    const parentPlace = (place - 1) >> 1;
    const parent = order[parentPlace] as number;
    if (!heapBefore(heap, id, parent)) break;
    order[place] = parent;
    places[parent] = place;
    place = parentPlace;
  }
  order[place] = id;
  places[id] = place;
  return place !== start;
}

function siftDown(heap: KeyedHeap, start: number): void {
  const { order, places } = heap;
  const id = order[start] as number;
  let place = start;
  for (;;) {
    let childPlace = 2 * place + 1;
    if (childPlace >= order.length) break;
    if (
      childPlace + 1 < order.length &&
      heapBefore(heap, order[childPlace + 1] as number, order[childPlace] as number)
    ) {
      childPlace += 1;
    }
    const child = order[childPlace] as number;
    if (!heapBefore(heap, child, id)) break;
    order[place] = child;
    places[child] = place;
    place = childPlace;
  }
  order[place] = id;
  places[id] = place;
}
