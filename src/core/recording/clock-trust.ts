const hourMs = 3_600_000;
/** Ahead of what has passed by more than this, a clock was set, or nobody looked at it for long. */
const jumpMs = 72 * hourMs;
/** For so long after that it has to go like time does: a clock that is wrong at a start is set right within minutes. */
const heldMs = 6 * hourMs;

/**
 * Whether a machine's clock may tell how old footage is. One that jumps ahead makes all of it too old at once, and what is
 * deleted then does not come back when the clock does.
 */
export class ClockTrust {
  #last: { readonly epochMs: number; readonly monoMs: number } | null = null;
  #heldUntilMonoMs = -Infinity;

  /** When it was looked at last by an earlier run. */
  knownSince(epochMs: number, monoMs: number): void {
    this.#last = { epochMs, monoMs };
  }

  /** @returns by how much it jumped ahead just now; null: it did not. */
  look(epochMs: number, monoMs: number): number | null {
    const last = this.#last;
    this.#last = { epochMs, monoMs };
    if (last === null) return null;
    const aheadMs = epochMs - last.epochMs - (monoMs - last.monoMs);
    if (aheadMs > jumpMs) {
      this.#heldUntilMonoMs = monoMs + heldMs;
      return aheadMs;
    }
    // Set right again.
    if (aheadMs < -jumpMs) this.#heldUntilMonoMs = -Infinity;
    return null;
  }

  isTrusted(monoMs: number): boolean {
    return monoMs >= this.#heldUntilMonoMs;
  }
}
