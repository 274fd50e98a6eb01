/**
 * A camera whose frames follow each other at two distances: bursts and the pauses between them, or every second and third
 * picture of a stream. No single beat fits those. What is kept is the newest intervals, the two they gather around, and how
 * many of one kind followed each other the last time: that tells which of the two comes next.
 */
export interface BurstRhythm {
  /** Newest intervals between captures, a ring. Plain numbers: they lie closer together than a typed array this small. */
  readonly intervals: number[];
  count: number;
  lastMonoMs: number;
  /** Both distances and their mean absolute deviations; `shortMs` is 0 while there are no two. */
  shortMs: number;
  longMs: number;
  shortDeviationMs: number;
  longDeviationMs: number;
  /** How many intervals of the same kind were the latest, of which kind, and how many there were in a row before, by kind. */
  inRow: number;
  isLong: boolean;
  shortRow: number;
  longRow: number;
  /** How often the row told the next kind; smoothed. */
  right: number;
}

/** What is expected of the camera next: one of the two intervals after its newest frame. */
export interface ExpectedInterval {
  readonly afterMs: number;
  readonly deviationMs: number;
  /** Chance that it is not this one. */
  readonly otherwise: number;
}

/** A power of two: places are found by masking. */
const kept = 16;
/** The newest intervals are looked at whenever so many are new; at first more often. */
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
const rightAtFirst = 0.5;
/** Nothing is ever sure. */
const leastOtherwise = 0.02;
/** A short interval that is less likely than this is not waited for. */
const leastLikely = 0.1;

export const createBurstRhythm = (): BurstRhythm => ({
  intervals: new Array<number>(kept).fill(0.5),
  count: 0,
  lastMonoMs: Number.NaN,
  shortMs: 0,
  longMs: 0,
  shortDeviationMs: 0,
  longDeviationMs: 0,
  inRow: 0,
  isLong: false,
  shortRow: 0,
  longRow: 0,
  right: rightAtFirst,
});

/** A frame was captured. `mayHaveTwo`: a single beat does not explain the newest intervals. */
export function capturedInRhythm(rhythm: BurstRhythm, capturedMonoMs: number, mayHaveTwo: boolean): void {
  const intervalMs = capturedMonoMs - rhythm.lastMonoMs;
  rhythm.lastMonoMs = capturedMonoMs;
  if (!(intervalMs >= 0)) return;
  rhythm.intervals[rhythm.count & (kept - 1)] = intervalMs;
  rhythm.count += 1;
  if (rhythm.shortMs > 0) followRow(rhythm, intervalMs * intervalMs > rhythm.shortMs * rhythm.longMs);
  if (rhythm.count % (rhythm.count <= atFirst ? lookEveryAtFirst : lookEvery) !== 0) return;
  if (mayHaveTwo) findTwo(rhythm);
  else rhythm.shortMs = 0;
}

function followRow(rhythm: BurstRhythm, isLong: boolean): void {
  rhythm.right += rightGain * ((longIsNext(rhythm) === isLong ? 1 : 0) - rhythm.right);
  if (isLong === rhythm.isLong) {
    rhythm.inRow += 1;
    return;
  }
  if (rhythm.isLong) rhythm.longRow = rhythm.inRow;
  else rhythm.shortRow = rhythm.inRow;
  rhythm.isLong = isLong;
  rhythm.inRow = 1;
}

/** As many of a kind come as the last time; then the other kind. */
function longIsNext({ isLong, inRow, shortRow, longRow }: BurstRhythm): boolean {
  return isLong ? inRow < longRow : inRow >= shortRow;
}

const scratch = new Float64Array(kept);

/** Splits the newest intervals where two neighbours in size are farthest apart, as a ratio. */
function findTwo(rhythm: BurstRhythm): void {
  const seen = Math.min(kept, rhythm.count);
  sortInto(rhythm.intervals, seen);
  let split = 0;
  let farthest = leastApart;
  for (let place = leastSeen; place <= seen - leastSeen; place += 1) {
    const ratio = (scratch[place] as number) / Math.max(1, scratch[place - 1] as number);
    if (ratio > farthest) [split, farthest] = [place, ratio];
  }
  const known = rhythm.shortMs > 0;
  rhythm.shortMs = 0;
  if (split === 0) return;
  const [shortMs, longMs] = [scratch[split >> 1] as number, scratch[(split + seen) >> 1] as number];
  const [shortDeviationMs, longDeviationMs] = [deviationOf(0, split, shortMs), deviationOf(split, seen, longMs)];
  if (shortMs <= 0 || shortDeviationMs > mostDeviationShare * shortMs) return;
  // Among arrivals without any rhythm some are close by chance, but not most of them, and all at the same distance.
  const isBurst = (scratch[split] as number) > pauseBeats * shortMs && 2 * (split + 1) >= seen;
  if (longDeviationMs > mostDeviationShare * longMs && !isBurst) return;
  Object.assign(rhythm, { shortMs, longMs, shortDeviationMs, longDeviationMs });
  if (known) return;
  // The newest intervals tell where in the pattern the camera is.
  Object.assign(rhythm, { inRow: 0, shortRow: 0, longRow: 0, right: rightAtFirst });
  for (let back = seen; back > 0; back -= 1) {
    const intervalMs = rhythm.intervals[(rhythm.count - back) & (kept - 1)] as number;
    followRow(rhythm, intervalMs * intervalMs > shortMs * longMs);
  }
}

/** Puts the first `count` of them into `scratch`, in order of size. */
function sortInto(intervals: readonly number[], count: number): void {
  for (let next = 0; next < count; next += 1) {
    const intervalMs = intervals[next] as number;
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
export const hasTwo = ({ shortMs }: BurstRhythm): boolean => shortMs > 0;

/** Whether the long one is a pause between bursts, and not only a frame that was left out. */
export const hasPauses = ({ shortMs, longMs }: BurstRhythm): boolean => longMs > pauseBeats * shortMs;

/** Whether bursts come as they like: their pauses have no length to speak of. */
export const pausesVary = ({ longMs, longDeviationMs }: BurstRhythm): boolean =>
  longDeviationMs > mostDeviationShare * longMs;

/** The interval that the newest frame is most likely followed by first; the short one even if it is the less likely. */
export function nextInterval(rhythm: BurstRhythm): ExpectedInterval {
  const { shortMs, shortDeviationMs, right } = rhythm;
  const chance = longIsNext(rhythm) ? 1 - right : right;
  if (chance < leastLikely) return longInterval(rhythm);
  return { afterMs: shortMs, deviationMs: shortDeviationMs, otherwise: Math.max(leastOtherwise, 1 - chance) };
}

/** What is expected when the short one did not come. */
export const longInterval = ({ longMs, longDeviationMs }: BurstRhythm): ExpectedInterval => ({
  afterMs: longMs,
  deviationMs: longDeviationMs,
  otherwise: leastOtherwise,
});
