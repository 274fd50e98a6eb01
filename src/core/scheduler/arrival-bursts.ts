import * as column from './arrival-cells.ts';

/*
 * A camera whose frames follow each other at two distances: bursts and the pauses between them, or every second and third
 * picture of a stream. No single beat fits those. What is kept is the newest intervals, the two they gather around, and how
 * many of one kind followed each other the last time: that tells which of the two comes next.
 *
 * All functions take the numbers of all cameras and where those of one begin (`arrival-cells.ts`).
 */

/** What is expected of the camera next: one of the two intervals after its newest frame. */
export interface ExpectedInterval {
  readonly afterMs: number;
  readonly deviationMs: number;
  /** Chance that it is not this one. */
  readonly otherwise: number;
}

/** The newest intervals are looked at whenever so many are new; at first more often. Powers of two. */
const lookEvery = 16;
const lookEveryAtFirst = 4;
const atFirst = 32;
/** Two distances that differ by less are one with jitter. */
const leastApart = 1.25;
/** Each must have been seen so often lately, and vary by no more than this share of itself; pauses may, if they are long. */
const leastSeen = 2;
const mostDeviationShare = 0.15;
/** Pauses of so many short distances are no frames left out: they belong to the pattern. */
const pauseBeats = 3.5;
const rightGain = 0.15;
/** Nothing is ever sure. */
const leastOtherwise = 0.02;
/** A short interval that is less likely than this is not waited for. */
const leastLikely = 0.1;

/** A frame was captured. `mayHaveTwo`: a single beat does not explain the newest intervals. */
export function capturedInRhythm(cells: Float64Array, at: number, capturedMonoMs: number, mayHaveTwo: boolean): void {
  const intervalMs = capturedMonoMs - (cells[at + column.lastMonoMs] as number);
  cells[at + column.lastMonoMs] = capturedMonoMs;
  if (!(intervalMs >= 0)) return;
  const before = cells[at + column.count] as number;
  const now = before + 1;
  cells[at + column.intervals + (before & (column.keptIntervals - 1))] = intervalMs;
  cells[at + column.count] = now;
  const short = cells[at + column.shortMs] as number;
  if (short > 0) followRow(cells, at, intervalMs * intervalMs > short * (cells[at + column.longMs] as number));
  if ((now & ((now <= atFirst ? lookEveryAtFirst : lookEvery) - 1)) !== 0) return;
  if (mayHaveTwo) findTwo(cells, at);
  else cells[at + column.shortMs] = 0;
}

function followRow(cells: Float64Array, at: number, long: boolean): void {
  const rightBefore = cells[at + column.right] as number;
  cells[at + column.right] = rightBefore + rightGain * ((longIsNext(cells, at) === long ? 1 : 0) - rightBefore);
  const row = cells[at + column.inRow] as number;
  const wasLong = cells[at + column.isLong] === 1;
  if (long === wasLong) {
    cells[at + column.inRow] = row + 1;
    return;
  }
  cells[at + (wasLong ? column.longRow : column.shortRow)] = row;
  cells[at + column.isLong] = Number(long);
  cells[at + column.inRow] = 1;
}

/** As many of a kind come as the last time; then the other kind. */
function longIsNext(cells: Float64Array, at: number): boolean {
  const row = cells[at + column.inRow] as number;
  return cells[at + column.isLong] === 1
    ? row < (cells[at + column.longRow] as number)
    : row >= (cells[at + column.shortRow] as number);
}

const scratch = new Float64Array(column.keptIntervals);

/** Splits the newest intervals where two neighbours in size are farthest apart, as a ratio. */
function findTwo(cells: Float64Array, at: number): void {
  const total = cells[at + column.count] as number;
  const seen = Math.min(column.keptIntervals, total);
  sortInto(cells, at + column.intervals, seen);
  let split = 0;
  let farthest = leastApart;
  for (let place = leastSeen; place <= seen - leastSeen; place += 1) {
    const ratio = (scratch[place] as number) / Math.max(1, scratch[place - 1] as number);
    if (ratio > farthest) [split, farthest] = [place, ratio];
  }
  const known = (cells[at + column.shortMs] as number) > 0;
  cells[at + column.shortMs] = 0;
  if (split === 0) return;
  const [short, long] = [scratch[split >> 1] as number, scratch[(split + seen) >> 1] as number];
  const [shortDeviation, longDeviation] = [deviationOf(0, split, short), deviationOf(split, seen, long)];
  if (short <= 0 || shortDeviation > mostDeviationShare * short) return;
  // Among arrivals without any rhythm some are close by chance, but not most of them, and all at the same distance.
  const isBurst = (scratch[split] as number) > pauseBeats * short && 2 * (split + 1) >= seen;
  if (longDeviation > mostDeviationShare * long && !isBurst) return;
  cells[at + column.shortMs] = short;
  cells[at + column.longMs] = long;
  cells[at + column.shortDeviationMs] = shortDeviation;
  cells[at + column.longDeviationMs] = longDeviation;
  if (known) return;
  // The newest intervals tell where in the pattern the camera is.
  cells[at + column.inRow] = cells[at + column.shortRow] = cells[at + column.longRow] = 0;
  cells[at + column.right] = column.rightAtFirst;
  for (let back = seen; back > 0; back -= 1) {
    const intervalMs = cells[at + column.intervals + ((total - back) & (column.keptIntervals - 1))] as number;
    followRow(cells, at, intervalMs * intervalMs > short * long);
  }
}

/** Puts `seen` intervals from `start` on into `scratch`, in order of size. */
function sortInto(cells: Float64Array, start: number, seen: number): void {
  for (let next = 0; next < seen; next += 1) {
    const intervalMs = cells[start + next] as number;
    let place = next;
    for (; place > 0 && (scratch[place - 1] as number) > intervalMs; place -= 1)
      scratch[place] = scratch[place - 1] as number;
    scratch[place] = intervalMs;
  }
}

function deviationOf(from: number, to: number, middleMs: number): number {
  let sumMs = 0;
  for (let place = from; place < to; place += 1) sumMs += Math.abs((scratch[place] as number) - middleMs);
  return sumMs / (to - from);
}

/** Whether two distances are known. */
export const hasTwo = (cells: Float64Array, at: number): boolean => (cells[at + column.shortMs] as number) > 0;

/** Whether the long one is a pause between bursts, and not only a frame that was left out. */
export const hasPauses = (cells: Float64Array, at: number): boolean =>
  (cells[at + column.longMs] as number) > pauseBeats * (cells[at + column.shortMs] as number);

/** Whether bursts come as they like: their pauses have no length to speak of. */
export const pausesVary = (cells: Float64Array, at: number): boolean =>
  (cells[at + column.longDeviationMs] as number) > mostDeviationShare * (cells[at + column.longMs] as number);

/** The interval that the newest frame is most likely followed by first; the short one even if it is the less likely. */
export function nextInterval(cells: Float64Array, at: number): ExpectedInterval {
  const rightShare = cells[at + column.right] as number;
  const chance = longIsNext(cells, at) ? 1 - rightShare : rightShare;
  if (chance < leastLikely) return longInterval(cells, at);
  return {
    afterMs: cells[at + column.shortMs] as number,
    deviationMs: cells[at + column.shortDeviationMs] as number,
    otherwise: Math.max(leastOtherwise, 1 - chance),
  };
}

/** What is expected when the short one did not come. */
export const longInterval = (cells: Float64Array, at: number): ExpectedInterval => ({
  afterMs: cells[at + column.longMs] as number,
  deviationMs: cells[at + column.longDeviationMs] as number,
  otherwise: leastOtherwise,
});
