const rememberedPackets = 64;
/** A camera's clock that differs by more from what it was has been set. */
const setByMs = 1000;

/**
 * How far a camera's clock is ahead of this machine's, by the wall-clock times that its RTCP sender reports give its
 * packets. Each is late by its transit, so the quickest of the last packets comes closest, as in NTP's clock filter (RFC 5905,
 * section 10).
 */
export class ClockOffset {
  #offsets: number[] = [];

  told(sentAtMs: number, arrivedAtMs: number): void {
    const offset = sentAtMs - arrivedAtMs;
    const known = this.offsetMs;
    if (known !== null && Math.abs(offset - known) > setByMs) this.#offsets = [];
    this.#offsets.push(offset);
    if (this.#offsets.length > rememberedPackets) this.#offsets.shift();
  }

  /** Milliseconds, less the shortest transit; null before the first report. */
  get offsetMs(): number | null {
    return this.#offsets.length === 0 ? null : Math.round(Math.max(...this.#offsets));
  }
}
