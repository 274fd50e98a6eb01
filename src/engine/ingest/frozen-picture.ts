/** A picture is looked at so many times until it counts as frozen. */
const looks = 20;
/** Without a keyframe in between it takes so much longer: "nothing changed" is then what the encoder said, not the sensor. */
const withoutKeyframe = 1.4;
const fewestPictures = 5;

/**
 * Whether a camera sends the same picture again and again. Signatures are exact (every luma byte counts), because a
 * sensor's noise changes some pixel of a scene in which nothing moves, and at each keyframe all of them are coded anew.
 * A source that never changed since it is known, like a test card, is not frozen: it was never alive.
 */
export class FrozenPicture {
  readonly #frozenMs: number;
  #changes: boolean;
  #signature: number | null = null;
  #sinceMonoMs = 0;
  #sinceKeyframes = 0;
  #pictures = 0;
  #nextLookMs = -Infinity;
  #isFrozen = false;

  /** @param changes it was seen to change before, in an earlier connection. */
  constructor(frozenMs: number, changes: boolean) {
    this.#frozenMs = frozenMs;
    this.#changes = changes;
  }

  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  /** It was seen to change, now or before. */
  get changes(): boolean {
    return this.#changes;
  }

  /**
   * @param keyframes how many have come since the connection was made.
   * @param sign computes the picture's signature; called only when it is time for a look.
   */
  look(monoMs: number, keyframes: number, sign: () => number): void {
    this.#pictures += 1;
    if (monoMs < this.#nextLookMs) return;
    this.#nextLookMs = monoMs + this.#frozenMs / looks;
    const signature = sign();
    if (signature !== this.#signature) {
      if (this.#signature !== null) this.#changes = true;
      this.#signature = signature;
      this.#sinceMonoMs = monoMs;
      this.#sinceKeyframes = keyframes;
      this.#pictures = 0;
      this.#isFrozen = false;
      return;
    }
    const limitMs = keyframes > this.#sinceKeyframes ? this.#frozenMs : this.#frozenMs * withoutKeyframe;
    this.#isFrozen = this.#changes && this.#pictures >= fewestPictures && monoMs - this.#sinceMonoMs >= limitMs;
  }
}
