export interface BacklogPacket {
  readonly isKey: boolean;
}

/** About a second of a camera: whoever is further behind than that will not catch up by decoding. */
const usualMost = 30;

/**
 * Packets that wait for a decoder which takes few at a time. Begins at a keyframe. When it is full, everything up to its
 * newest keyframe is left out; where it holds none, all of it and what follows up to the next one. Counted.
 */
export class DecodeBacklog<P extends BacklogPacket> {
  readonly #most: number;
  #packets: P[] = [];
  #waitsForKey = true;
  #isBehind = false;
  #leftOut = 0;

  constructor(most = usualMost) {
    this.#most = most;
  }

  /** Since the beginning. What comes before the first keyframe is no loss. */
  get leftOut(): number {
    return this.#leftOut;
  }

  get waiting(): number {
    return this.#packets.length;
  }

  add(packet: P): void {
    if (this.#waitsForKey && !packet.isKey) {
      if (this.#isBehind) this.#leftOut += 1;
      return;
    }
    this.#waitsForKey = false;
    this.#isBehind = false;
    this.#packets.push(packet);
    if (this.#packets.length > this.#most) this.#makeRoom();
  }

  next(): P | null {
    return this.#packets.shift() ?? null;
  }

  /** The decoder has been made anew: it begins at a keyframe again. */
  restart(): void {
    this.#leave(this.#packets.length);
    this.#wait();
  }

  #makeRoom(): void {
    const key = this.#packets.findLastIndex(({ isKey }) => isKey);
    if (key > 0) {
      this.#leave(key);
    } else {
      this.#leave(this.#packets.length);
      this.#wait();
    }
  }

  #leave(count: number): void {
    this.#leftOut += count;
    this.#packets.splice(0, count);
  }

  #wait(): void {
    this.#waitsForKey = true;
    this.#isBehind = true;
  }
}
