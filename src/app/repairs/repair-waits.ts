import type { Clock } from '../../core/ports.ts';

/** What could not be run or stored is left alone for so long. */
const pauseMs = 30_000;

interface Pause {
  readonly untilMonoMs: number;
  readonly reason: string;
}

/** Why frames are not repaired now, in words for operators. */
export const waitWords = {
  notHere: 'Goes on when Nightshift runs with its cameras, or with `nightshift repair`.',
  engine: 'Waits for the engine.',
  earlierFootage: 'Waits until the footage of earlier runs has been looked at.',
  model: 'Waits for the model, which is being made ready.',
  turn: 'Waits for its turn: frames of other cameras are older.',
  footage: 'Waits until the footage of these frames is closed, which takes a minute.',
  unreadable: (reason: string): string => `Its footage could not be read and is tried again by itself: ${reason}`,
  tried: (reason: string): string => `Tried again within half a minute: ${reason}`,
} as const;

/** What is left alone for a while, and why: all of it where the store failed, a camera where its model cannot be run. */
export class RepairWaits {
  readonly #clock: Clock;
  #paused: Pause | null = null;
  readonly #heldUp = new Map<string, Pause>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  pause(reason: string): void {
    this.#paused = this.#from(reason);
  }

  holdUp(cameraId: string, reason: string): void {
    this.#heldUp.set(cameraId, this.#from(reason));
  }

  get isPaused(): boolean {
    return this.#isOn(this.#paused);
  }

  isHeldUp(cameraId: string): boolean {
    return this.#isOn(this.#heldUp.get(cameraId) ?? null);
  }

  /** Null: neither all nor the camera is left alone. */
  reasonOf(cameraId: string): string | null {
    const pause = [this.#paused, this.#heldUp.get(cameraId) ?? null].find((one) => this.#isOn(one)) ?? null;
    return pause === null ? null : waitWords.tried(pause.reason);
  }

  #from(reason: string): Pause {
    return { untilMonoMs: this.#clock.monoMs() + pauseMs, reason };
  }

  #isOn(pause: Pause | null): boolean {
    return pause !== null && this.#clock.monoMs() < pause.untilMonoMs;
  }
}
