/**
 * Which frames of a video are analysed at `fps`, and what they are called.
 *
 * Frame k is the first whose time since the start is at least k / fps. So a picture at time t is the answer to every k
 * up to ⌊t · fps⌋ that no earlier picture answered; it is chosen when there is such a k, and it is called by the largest
 * one, ⌊t · fps⌋. Where the source is slower than `fps`, or pauses, numbers are therefore left out (at 1 picture a second
 * and 5 fps: 0, 5, 10, …), and no picture is analysed twice.
 *
 * A picture's number depends on nothing but its time, and whether it is chosen on nothing but the number of the picture
 * before it. A reader that starts anywhere before frame c, at a picture whose number is smaller than c, hence finds
 * exactly the frames from c on that an uninterrupted one finds: that is what `seekPts` asks for and `tooLate` checks.
 * All arithmetic is exact: time stamps are integers, and a rounding error would name a picture differently in some pass.
 */
export interface FrameGrid {
  /** Of one tick, in seconds: `numerator / denominator`. */
  readonly timeBase: { readonly numerator: number; readonly denominator: number };
  /** Time stamp of the start of the stream: of its first picture, or as the container says; the same in every pass. */
  readonly startPts: number;
  /** 0.01 to 120; three decimals count. */
  readonly fps: number;
}

/** Handed from picture to picture, in order of presentation. */
export interface FrameChooser {
  /** Frames below are done already. */
  readonly cursor: number;
  /** Largest number of the pictures seen; -1 before the first one of the video; null after a seek. */
  readonly lastNumber: number | null;
}

export interface FrameChoice {
  readonly chooser: FrameChooser;
  /** The frame's number k if it is to be analysed, else null. */
  readonly frame: number | null;
  /** The seek landed behind the cursor: frames may be missing. Seek further back or read from the start. */
  readonly tooLate: boolean;
}

/** `fromStart`: the next picture is the video's first one. */
export const createChooser = (cursor: number, fromStart: boolean): FrameChooser => ({
  cursor,
  lastNumber: fromStart ? -1 : null,
});

export function chooseFrame(grid: FrameGrid, chooser: FrameChooser, pts: number): FrameChoice {
  const number = frameNumber(grid, pts);
  const { cursor, lastNumber } = chooser;
  if (lastNumber === null) {
    const tooLate = number >= cursor;
    return { chooser: tooLate ? chooser : { cursor, lastNumber: number }, frame: null, tooLate };
  }
  const isNew = number > lastNumber;
  return {
    chooser: isNew ? { cursor, lastNumber: number } : chooser,
    frame: isNew && number >= cursor ? number : null,
    tooLate: false,
  };
}

/** ⌊t · fps⌋ of a picture: exact. Negative before the start. */
export function frameNumber(grid: FrameGrid, pts: number): number {
  const { timeBase, startPts, fps } = grid;
  const dividend = BigInt(pts - startPts) * BigInt(timeBase.numerator) * milliFps(fps);
  return Number(floorDivide(dividend, BigInt(timeBase.denominator) * 1000n));
}

/**
 * The latest time stamp that belongs before frame `cursor`: seek to the key frame at or before it. Null: read from the
 * start. `firstPts`: of the video's first picture, where frame 0 comes later.
 */
export function seekPts(grid: FrameGrid, cursor: number, firstPts = grid.startPts): number | null {
  const { timeBase, startPts, fps } = grid;
  const ticks = BigInt(Math.max(0, cursor)) * BigInt(timeBase.denominator) * 1000n;
  const perTick = BigInt(timeBase.numerator) * milliFps(fps);
  const pts = startPts + Number(floorDivide(ticks - 1n, perTick));
  return pts <= firstPts ? null : pts;
}

/** The same grid with frame 0 so long after the start: pictures before that have negative numbers. */
export function gridFrom(grid: FrameGrid, fromMs: number): FrameGrid {
  const { numerator, denominator } = grid.timeBase;
  return { ...grid, startPts: grid.startPts + Math.ceil((fromMs * denominator) / (numerator * 1000)) };
}

/** Position of a picture in the video, in ms, as it is stored. */
export function frameTimeMs({ timeBase, startPts }: FrameGrid, pts: number): number {
  return ((pts - startPts) * timeBase.numerator * 1000) / timeBase.denominator;
}

const milliFps = (fps: number): bigint => BigInt(Math.round(fps * 1000));

function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend % divisor < 0n ? quotient - 1n : quotient;
}
