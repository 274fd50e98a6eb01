import { mostWaitingBytes } from '../../../shared/domain/recording.ts';

/** The numbers that a camera's thread and the recorder share: what waits to be written, what may, and what was left out. */
export class RecorderLoad {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
  }

  static upTo(mostBytes = mostWaitingBytes): RecorderLoad {
    const load = new RecorderLoad(new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT));
    Atomics.store(load.#words, 2, mostBytes);
    return load;
  }

  get mostBytes(): number {
    return Atomics.load(this.#words, 2);
  }

  get waitingBytes(): number {
    return Atomics.load(this.#words, 0);
  }

  sent(bytes: number): void {
    Atomics.add(this.#words, 0, bytes);
  }

  written(bytes: number): void {
    Atomics.sub(this.#words, 0, bytes);
  }

  leftOut(): void {
    Atomics.add(this.#words, 1, 1);
  }

  takeLeftOut(): number {
    return Atomics.exchange(this.#words, 1, 0);
  }
}
