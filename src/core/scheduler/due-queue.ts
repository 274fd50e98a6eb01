import { createHeap, heapFirst, heapHas, heapRemove, heapSet, isTieBefore, type KeyedHeap } from './keyed-heap.ts';

/**
 * Small integers (stream numbers) in the order of their keys, of equal ones by `rank`, then by number: as `KeyedHeap`, and with
 * the same answers, but for keys that mostly grow from one number to the next, as deadlines do. Those lie in a row: they are
 * added at its end and taken from its start, whatever its length. What would have to pass by more than a few in the row goes
 * into a heap, so that no change takes more than O(log n), but for taking one out of the middle of the row.
 */
export interface DueQueue {
  /** Numbers in the queue. */
  size: number;
  /** The row: numbers and their keys in order, from `start` up to `end`. */
  order: Int32Array;
  keys: Float64Array;
  start: number;
  end: number;
  /** Number → key and rank; a key is NaN where the number is not in the row. */
  keyOf: Float64Array;
  ranks: Uint8Array;
  readonly heap: KeyedHeap;
}

/** A number is put into the row where at most so many come behind it. */
const mostPassed = 16;
const firstCapacity = 16;

export const createDueQueue = (): DueQueue => ({
  size: 0,
  order: new Int32Array(2 * firstCapacity),
  keys: new Float64Array(2 * firstCapacity),
  start: 0,
  end: 0,
  keyOf: new Float64Array(firstCapacity).fill(Number.NaN),
  ranks: new Uint8Array(firstCapacity),
  heap: createHeap(),
});

/** The number that comes first, or -1. */
export function dueFirst({ order, keys, start, end, ranks, heap }: DueQueue): number {
  if (start === end) return heapFirst(heap);
  const first = order[start] as number;
  if (heap.size === 0) return first;
  const [key, other] = [keys[start] as number, heap.keys[0] as number];
  const isFirst = key < other || (key === other && isTieBefore(ranks, first, heapFirst(heap)));
  return isFirst ? first : heapFirst(heap);
}

export function dueSet(queue: DueQueue, id: number, key: number, rank: number): void {
  if (id >= queue.ranks.length) grow(queue, id);
  const { heap } = queue;
  if (dueIsInRow(queue, id)) {
    if (queue.keyOf[id] === key && queue.ranks[id] === rank) return;
    removeFromRow(queue, id);
  } else if (heapHas(heap, id)) {
    heapSet(heap, id, key, rank);
    return;
  } else queue.size += 1;
  queue.ranks[id] = rank;
  if (!addToRow(queue, id, key)) heapSet(heap, id, key, rank);
}

export function dueRemove(queue: DueQueue, id: number): void {
  if (dueIsInRow(queue, id)) removeFromRow(queue, id);
  else if (heapHas(queue.heap, id)) heapRemove(queue.heap, id);
  else return;
  queue.size -= 1;
}

export const dueIsInRow = ({ keyOf }: DueQueue, id: number): boolean =>
  id >= 0 && id < keyOf.length && !Number.isNaN(keyOf[id]);

/** False: too many come behind it. */
function addToRow(queue: DueQueue, id: number, key: number): boolean {
  if (queue.end === queue.order.length) moveToFront(queue);
  const { order, keys, ranks, keyOf, start, end } = queue;
  let place = end;
  for (; place > start; place -= 1) {
    const before = keys[place - 1] as number;
    if (before < key || (before === key && isTieBefore(ranks, order[place - 1] as number, id))) break;
    if (end - place === mostPassed) return false;
  }
  for (let behind = end; behind > place; behind -= 1) {
    order[behind] = order[behind - 1] as number;
    keys[behind] = keys[behind - 1] as number;
  }
  order[place] = id;
  keys[place] = key;
  keyOf[id] = key;
  queue.end = end + 1;
  return true;
}

function removeFromRow(queue: DueQueue, id: number): void {
  const { order, keys, keyOf, start, end } = queue;
  keyOf[id] = Number.NaN;
  if (order[start] === id) {
    // An empty row begins anew: with few numbers it stays in the same lines of memory and is never moved to the front.
    if (start + 1 === end) queue.start = queue.end = 0;
    else queue.start = start + 1;
    return;
  }
  const place = order.indexOf(id, start);
  order.copyWithin(place, place + 1, end);
  keys.copyWithin(place, place + 1, end);
  queue.end = end - 1;
}

/** The row has twice the room that all numbers need, so this is due once for so many of them at most. */
function moveToFront(queue: DueQueue): void {
  const { order, keys, start, end } = queue;
  order.copyWithin(0, start, end);
  keys.copyWithin(0, start, end);
  queue.start = 0;
  queue.end = end - start;
}

function grow(queue: DueQueue, id: number): void {
  const capacity = Math.max(2 * queue.ranks.length, 1 << (32 - Math.clz32(id)));
  const { order, keys, keyOf, ranks } = queue;
  queue.order = new Int32Array(2 * capacity);
  queue.keys = new Float64Array(2 * capacity);
  queue.keyOf = new Float64Array(capacity).fill(Number.NaN);
  queue.ranks = new Uint8Array(capacity);
  queue.order.set(order);
  queue.keys.set(keys);
  queue.keyOf.set(keyOf);
  queue.ranks.set(ranks);
}
