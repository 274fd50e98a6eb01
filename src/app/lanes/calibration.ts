import type { Calibration, LaneName } from '../../shared/domain/lanes.ts';
import { laneNames } from '../../shared/domain/lanes.ts';
import { inputText } from '../../core/scheduler/work-shape.ts';
import type { PreparedWork } from '../models/work.ts';
import { laneSizes, type LadderStep } from './ladder.ts';

/** The first run of a size pays for set-up and is not counted. */
const runsPerSize = 1 + 5;
/** A size whose single run would take longer tells nothing that somebody could use. */
const longestRunMs = 5_000;
/** No gap between the frames of cameras was long enough for so long: there is none. */
const longestWaitMs = 10_000;

interface Size {
  readonly lane: LaneName;
  readonly batch: number;
  readonly runMs: number[];
}

/**
 * The measuring of every ladder size of one model and input: live 1 to 16, archive 1 to 128. It only says what comes
 * next and takes in what came of it, so it can be stopped between any two runs.
 */
export class LadderCalibration {
  readonly work: PreparedWork;
  readonly #startedAtMs: number;
  readonly #done: Size[] = [];
  #left: Size[];
  #waitsFor: string | null = null;
  #waiting: { readonly size: Size; readonly sinceMonoMs: number } | null = null;

  constructor(work: PreparedWork, startedAtMs: number) {
    this.work = work;
    this.#startedAtMs = startedAtMs;
    this.#left = laneNames.flatMap((lane) => laneSizes(lane).map((batch) => ({ lane, batch, runMs: [] })));
  }

  /** Null: all sizes are measured or left out. */
  get next(): LadderStep | null {
    const size = this.#left[0];
    return size === undefined ? null : { work: this.work, lane: size.lane, batch: size.batch };
  }

  /** How long a run of the next size will take, from the size before it; null: nothing of the lane is measured. */
  get expectedMs(): number | null {
    const size = this.#left[0];
    if (size === undefined) return null;
    if (size.runMs.length > 0) return fastest(size);
    const before = this.#done.filter(({ lane }) => lane === size.lane).pop() ?? this.#done[0];
    return before === undefined ? null : (fastest(before) * size.batch) / before.batch;
  }

  /** The next size will be left out where it would take too long, or more memory than there is. */
  fits(hasMemoryToDouble: boolean): boolean {
    const size = this.#left[0];
    if (size === undefined) return true;
    return (this.expectedMs ?? 0) <= longestRunMs && (hasMemoryToDouble || size.batch <= 8);
  }

  /**
   * Words while the next size cannot be run; null: it can. Cameras that leave no room for a size will hardly leave it
   * later: after a while that size and the wider ones of its lane are left out, so that what was measured can be used.
   * `nowMonoMs` null: it waits for however long it takes.
   */
  waits(why: string | null, nowMonoMs: number | null): void {
    this.#waitsFor = why;
    const size = this.#left[0];
    if (why === null || nowMonoMs === null || size === undefined) {
      this.#waiting = null;
      return;
    }
    if (this.#waiting?.size !== size) this.#waiting = { size, sinceMonoMs: nowMonoMs };
    if (nowMonoMs - this.#waiting.sinceMonoMs < longestWaitMs) return;
    this.leaveOut();
    this.#waiting = null;
    this.#waitsFor = null;
  }

  /** Takes in one run of the next size; answers all of them once there are enough. */
  ran(runMs: number): readonly number[] | null {
    const size = this.#left[0];
    if (size === undefined) return null;
    size.runMs.push(runMs);
    if (size.runMs.length < runsPerSize) return null;
    this.#left.shift();
    this.#done.push(size);
    return size.runMs;
  }

  /** The next size and all wider ones of its lane are not measured. */
  leaveOut(): void {
    const size = this.#left[0];
    if (size !== undefined) this.#left = this.#left.filter(({ lane }) => lane !== size.lane);
  }

  progress(): Calibration {
    return {
      modelId: this.work.shape.modelId,
      input: inputText(this.work.shape.input),
      done: this.#done.length,
      steps: this.#done.length + this.#left.length,
      batch: this.#left[0]?.batch ?? 1,
      startedAtMs: this.#startedAtMs,
      waitsFor: this.#waitsFor,
    };
  }
}

const fastest = ({ runMs }: Size): number => Math.min(...runMs);
