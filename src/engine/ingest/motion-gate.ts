import type { Frame } from 'node-av/lib';
import { groupOf } from '../../core/jobs/refresh-groups.ts';
import { MotionMeter } from './motion-meter.ts';

/**
 * Decides which kept frames of one source are run. Switched on, a frame in which nothing has changed since the last one
 * that was taken (not since the previous one: slow changes must add up) is left out, unless it is the first of its group.
 * Switched off it measures only.
 */
export class MotionGate {
  readonly #on: boolean;
  readonly #meter = new MotionMeter();
  #taken: number | null = null;
  #group: number | null = null;

  constructor(on: boolean) {
    this.#on = on;
  }

  /**
   * To be asked once for every kept frame, in order. `sameAs`: number of the taken frame whose result holds for this one
   * too; null: it is to be run.
   */
  look(picture: Frame, frame: number): { readonly motion: number; readonly sameAs: number | null } {
    const motion = this.#meter.measure(picture);
    if (!this.#on) return { motion, sameAs: null };
    const isFirst = groupOf(frame) !== this.#group;
    if (isFirst) this.refresh();
    this.#group = groupOf(frame);
    return { motion, sameAs: this.#meter.isAsRun ? this.#taken : null };
  }

  /** Of the picture looked at last: see `MotionMeter`. */
  get means(): Uint8Array {
    return this.#meter.means;
  }

  /** The frame looked at last is on its way to the device. */
  taken(frame: number): void {
    if (!this.#on) return;
    this.#taken = frame;
    this.#meter.remember();
  }

  /** The next frame is run whatever it shows. */
  refresh(): void {
    this.#meter.forget();
  }

  close(): void {
    this.#meter.close();
  }
}
