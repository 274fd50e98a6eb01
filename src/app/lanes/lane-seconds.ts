import type { LaneName } from '../../shared/domain/lanes.ts';
import type { LaneSecond } from '../../store/operations.ts';

/** Seconds of one day: what the store keeps of the time axis, and what this process remembers of its own. */
export const keptSeconds = 86_400;
/** Seconds that wait for the store; if it takes none for so long, the oldest are given up. */
const mostPending = 3_600;
const secondMs = 1000;

/** A stretch of whole seconds, being added up. */
export interface SecondsSum {
  liveMs: number;
  archiveMs: number;
  runs: number;
  largestLive: number;
  largestArchive: number;
  shed: number;
}

export const emptySum = (): SecondsSum => ({
  liveMs: 0,
  archiveMs: 0,
  runs: 0,
  largestLive: 0,
  largestArchive: 0,
  shed: 0,
});

export function addSum(to: SecondsSum, more: SecondsSum): void {
  to.liveMs += more.liveMs;
  to.archiveMs += more.archiveMs;
  to.runs += more.runs;
  to.largestLive = Math.max(to.largestLive, more.largestLive);
  to.largestArchive = Math.max(to.largestArchive, more.largestArchive);
  to.shed += more.shed;
}

/**
 * What each second of the last day was used for, by the wall clock, in a ring; and what of it the store has not been
 * told. A second that comes twice (a clock that was set back) holds both.
 */
export class LaneSeconds {
  /** Number of the second that a place shows (seconds since 1970); 0: none yet. */
  readonly #second = new Uint32Array(keptSeconds);
  readonly #liveMs = new Float32Array(keptSeconds);
  readonly #archiveMs = new Float32Array(keptSeconds);
  readonly #runs = new Uint16Array(keptSeconds);
  readonly #largestLive = new Uint8Array(keptSeconds);
  readonly #largestArchive = new Uint8Array(keptSeconds);
  readonly #shed = new Uint32Array(keptSeconds);
  #pending = new Map<number, SecondsSum>();
  #fromSecond = Infinity;
  #newest = 0;
  #givenUp = 0;

  /** Epoch ms of the first second this process knows; what was before is in the store alone. Infinite: none yet. */
  get fromMs(): number {
    return this.#fromSecond * secondMs;
  }

  /** Seconds that wait for the store, and those that were given up because it took none. */
  get pending(): { readonly waiting: number; readonly bound: number; readonly givenUp: number } {
    return { waiting: this.#pending.size, bound: mostPending, givenUp: this.#givenUp };
  }

  /** A run ended: its time is spread over the seconds that it filled; it counts in the one that it began in. */
  addRun(startMs: number, endMs: number, lane: LaneName, batch: number): void {
    const first = this.#touch(Math.floor(startMs / secondMs));
    const largest = lane === 'live' ? 'largestLive' : 'largestArchive';
    this.#add(first, { ...emptySum(), runs: 1, [largest]: batch });
    const longest = Math.min(endMs, startMs + keptSeconds * secondMs);
    for (let fromMs = startMs; fromMs < longest;) {
      const second = Math.floor(fromMs / secondMs);
      const untilMs = Math.min((second + 1) * secondMs, longest);
      const spent = untilMs - fromMs;
      const sum = lane === 'live' ? { ...emptySum(), liveMs: spent } : { ...emptySum(), archiveMs: spent };
      this.#add(this.#touch(second), { ...sum, [largest]: batch });
      fromMs = untilMs;
    }
  }

  addShed(atMs: number, frames: number): void {
    this.#add(this.#touch(Math.floor(atMs / secondMs)), { ...emptySum(), shed: frames });
  }

  /** Adds the seconds from `firstSecond` on into `into`, `perBucket` seconds each. */
  sumInto(into: readonly SecondsSum[], firstSecond: number, perBucket: number): void {
    for (const [index, bucket] of into.entries()) {
      const from = firstSecond + index * perBucket;
      // Beyond a day the ring has nothing: looking at each second of a year would take its time.
      for (
        let second = Math.max(from, this.#fromSecond);
        second < Math.min(from + perBucket, this.#newest + 1);
        second += 1
      ) {
        const place = second % keptSeconds;
        if (this.#second[place] !== second) continue;
        addSum(bucket, {
          liveMs: this.#liveMs[place] as number,
          archiveMs: this.#archiveMs[place] as number,
          runs: this.#runs[place] as number,
          largestLive: this.#largestLive[place] as number,
          largestArchive: this.#largestArchive[place] as number,
          shed: this.#shed[place] as number,
        });
      }
    }
  }

  /** What the store has to add to what it has; it is forgotten here. */
  takePending(): readonly LaneSecond[] {
    const seconds = [...this.#pending].map(([atS, sum]) => ({ atS, ...sum }));
    this.#pending.clear();
    return seconds;
  }

  /** The store did not take them. */
  giveBack(seconds: readonly LaneSecond[]): void {
    const newer = this.#pending;
    this.#pending = new Map();
    for (const { atS, ...sum } of seconds) this.#wait(atS, sum);
    for (const [atS, sum] of newer) this.#wait(atS, sum);
  }

  #touch(second: number): number {
    if (second <= this.#newest - keptSeconds) {
      // The clock was ahead by more than a day: what it said is in the store, as far as it is worth anything.
      this.#second.fill(0);
      this.#newest = this.#fromSecond = second;
    }
    this.#newest = Math.max(this.#newest, second);
    this.#fromSecond = Math.max(Math.min(this.#fromSecond, second), this.#newest - keptSeconds + 1);
    const place = second % keptSeconds;
    if (this.#second[place] !== second) {
      this.#second[place] = second;
      this.#liveMs[place] = this.#archiveMs[place] = 0;
      this.#runs[place] = this.#largestLive[place] = this.#largestArchive[place] = this.#shed[place] = 0;
    }
    return second;
  }

  #add(second: number, sum: SecondsSum): void {
    const place = second % keptSeconds;
    this.#liveMs[place] = (this.#liveMs[place] as number) + sum.liveMs;
    this.#archiveMs[place] = (this.#archiveMs[place] as number) + sum.archiveMs;
    this.#runs[place] = (this.#runs[place] as number) + sum.runs;
    this.#largestLive[place] = Math.max(this.#largestLive[place] as number, sum.largestLive);
    this.#largestArchive[place] = Math.max(this.#largestArchive[place] as number, sum.largestArchive);
    this.#shed[place] = (this.#shed[place] as number) + sum.shed;
    this.#wait(second, sum);
  }

  #wait(second: number, sum: SecondsSum): void {
    const known = this.#pending.get(second);
    if (known !== undefined) {
      addSum(known, sum);
      return;
    }
    if (this.#pending.size >= mostPending) {
      const [oldest] = this.#pending.keys();
      if (oldest !== undefined) this.#pending.delete(oldest);
      this.#givenUp += 1;
    }
    this.#pending.set(second, { ...sum });
  }
}
