/** Times of a recorded packet, in ticks of `recordedHz`, running from the first packet on. */
export interface PacketTime {
  readonly dts: number;
  readonly pts: number;
  readonly duration: number;
}

/** What a demuxer says of a packet, in milliseconds of the source's clock; null where it says nothing. */
export interface SourceTime {
  readonly dtsMs: number | null;
  readonly ptsMs: number | null;
  readonly durationMs: number | null;
}

/** Ticks a second of every recording, as in MPEG transport. */
export const recordedHz = 90_000;

/** A source's clock that jumps further than this (or back) has not counted the time that passed. */
const longestStepMs = 10_000;
/** Where neither packets nor source say how long a picture is shown. */
const usualDurationMs = 40;
/** Packets arrive unevenly by less than this: then the pictures' own duration says more than the arrival. */
const unevenMs = 1_000;
/** Time stamps and arrivals that come further apart than this: the time stamps do not count time. */
const longestDriftMs = 10_000;
/** A picture is never shown more than this after it is decoded: reordering over more is a wrong time stamp. */
const longestReorderMs = 2_000;

/**
 * Makes the packets of one source continuous: over loops of a file, wrapped and reset clocks and missing time stamps
 * the decoding time grows with every packet. Where the source's clock is of no use, the arrival is: also of one that
 * counts pictures in place of time, as cheap cameras do, which is known once it has gone wrong by ten seconds.
 */
export class PacketTimes {
  #ticks: number | null = null;
  #last: { readonly dtsMs: number | null; readonly arrivedMs: number; readonly durationMs: number } | null = null;
  #startedMs = 0;
  #isUntrue = false;

  /** @param arrivedMs on a clock that does not jump. */
  next(source: SourceTime, arrivedMs: number): PacketTime {
    const dtsMs = this.#isUntrue ? null : (source.dtsMs ?? source.ptsMs);
    const last = this.#last;
    const durationMs =
      source.durationMs !== null && source.durationMs > 0 ? source.durationMs : (last?.durationMs ?? usualDurationMs);
    if (last === null) this.#startedMs = arrivedMs;
    const dts =
      last === null || this.#ticks === null
        ? 0
        : this.#near(this.#ticks + Math.max(1, toTicks(step(last, dtsMs, arrivedMs))), this.#ticks, arrivedMs);
    this.#ticks = dts;
    this.#last = { dtsMs, arrivedMs, durationMs };
    const laterMs = source.dtsMs === null || source.ptsMs === null ? 0 : source.ptsMs - source.dtsMs;
    const reorder = laterMs >= 0 && laterMs <= longestReorderMs ? toTicks(laterMs) : 0;
    return { dts, pts: dts + reorder, duration: toTicks(durationMs) };
  }

  /** The decoding time, unless it is far from what has passed: then, and from then on, what has passed. */
  #near(ticks: number, lastTicks: number, arrivedMs: number): number {
    const passed = toTicks(arrivedMs - this.#startedMs);
    if (Math.abs(ticks - passed) <= toTicks(longestDriftMs)) return ticks;
    this.#isUntrue = true;
    return Math.max(lastTicks + 1, passed);
  }
}

function step(
  last: { readonly dtsMs: number | null; readonly arrivedMs: number; readonly durationMs: number },
  dtsMs: number | null,
  arrivedMs: number,
): number {
  const passedMs = arrivedMs - last.arrivedMs;
  // Without time stamps the arrival is all that is known.
  if (dtsMs === null || last.dtsMs === null) return passedMs > 0 ? passedMs : last.durationMs;
  const stepMs = dtsMs - last.dtsMs;
  if (stepMs > 0 && stepMs <= longestStepMs) return stepMs;
  return passedMs > unevenMs ? passedMs : last.durationMs;
}

const toTicks = (ms: number): number => Math.round((ms * recordedHz) / 1000);
