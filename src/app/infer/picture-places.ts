import type { Clock } from '../../core/ports.ts';
import type { Admission } from './picture-request.ts';

/** Places for pictures that are read, decoded, waiting or run; and bytes for those that are being read. */
export interface PlaceLimits {
  readonly pictures: number;
  readonly bytes: number;
}

/** The bounded queue in front of the lanes: who gets no place is refused before a byte of it is read. */
export class PicturePlaces {
  readonly #clock: Clock;
  readonly #limits: PlaceLimits;
  #pictures = 0;
  #bytes = 0;
  #refused = 0;

  constructor(clock: Clock, limits: PlaceLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Null: no place is free. `bytes`: the most that the picture can have. */
  admit(bytes: number): Admission | null {
    if (this.#pictures >= this.#limits.pictures || this.#bytes + bytes > this.#limits.bytes) {
      this.#refused += 1;
      return null;
    }
    this.#pictures += 1;
    this.#bytes += bytes;
    let taken = true;
    return {
      atMonoMs: this.#clock.monoMs(),
      release: () => {
        if (!taken) return;
        taken = false;
        this.#pictures -= 1;
        this.#bytes -= bytes;
      },
    };
  }

  /** Turned away for a reason of its own. */
  refuse(): void {
    this.#refused += 1;
  }

  get waiting(): number {
    return this.#pictures;
  }

  get bound(): number {
    return this.#limits.pictures;
  }

  get refused(): number {
    return this.#refused;
  }
}
