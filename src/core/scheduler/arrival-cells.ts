/**
 * What is known of all cameras' rhythms, in one row of numbers: every frame reads and writes a dozen of them, and as an
 * object each would lie in a place of its own in memory. By stream number, `cellsPerStream` each; grows by doubling.
 */
export interface ArrivalCells {
  cells: Float64Array;
  /** Capture to the moment at which an idle slot would have heard of it. By itself, as every end of a run asks for it. */
  lagsMs: Float64Array;
}

/** Of the beat (`arrival-forecast.ts`): frames heard of. */
export const arrivals = 0;
/** Filtered time of the newest capture, and its distance to the next. */
export const phaseMonoMs = 1;
export const periodMs = 2;
/** EWMA of |capture − forecast|. */
export const deviationMs = 3;
/** For so many captures more the two distances are looked for: the beat did not fit, or some were left out. */
export const unsteady = 4;

/** Of two distances (`arrival-bursts.ts`): how many intervals there were, and the time of the newest capture (NaN: none). */
export const count = 5;
export const lastMonoMs = 6;
/** Both distances and their mean absolute deviations; `shortMs` is 0 while there are no two. */
export const shortMs = 7;
export const longMs = 8;
export const shortDeviationMs = 9;
export const longDeviationMs = 10;
/** How many intervals of the same kind were the latest, whether long ones (1, or 0), and how many in a row before, by kind. */
export const inRow = 11;
export const isLong = 12;
export const shortRow = 13;
export const longRow = 14;
/** How often the row told the next kind; smoothed. */
export const right = 15;
/** From here on: the newest intervals between captures, a ring. A power of two: places are found by masking. */
export const intervals = 16;
export const keptIntervals = 16;

export const cellsPerStream = 32;

export const rightAtFirst = 0.5;

const firstStreams = 16;

export const createArrivalCells = (): ArrivalCells => ({
  cells: new Float64Array(firstStreams * cellsPerStream),
  lagsMs: new Float64Array(firstStreams),
});

/** Nothing is known yet of the camera that has this number from now on. */
export function clearArrivals(known: ArrivalCells, id: number): void {
  while (id >= known.lagsMs.length) {
    known.cells = doubled(known.cells);
    known.lagsMs = doubled(known.lagsMs);
  }
  const start = id * cellsPerStream;
  known.cells.fill(0, start, start + cellsPerStream);
  known.cells[start + lastMonoMs] = Number.NaN;
  known.cells[start + right] = rightAtFirst;
  known.lagsMs[id] = 0;
}

function doubled(numbers: Float64Array): Float64Array {
  const larger = new Float64Array(2 * numbers.length);
  larger.set(numbers);
  return larger;
}
