/**
 * The few numbers that the main thread and one ingest worker share. A worker inside a synchronous read or wait hears
 * no message, so a stop, returned credits and "look into your port" arrive here.
 */
export class ControlBlock {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(wordCount * Int32Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
  }

  stop(): void {
    Atomics.store(this.#words, word.stopped, 1);
    this.wake();
  }

  get stopped(): boolean {
    return Atomics.load(this.#words, word.stopped) === 1;
  }

  /** Ends the worker's present or next `sleep`. */
  wake(): void {
    Atomics.add(this.#words, word.wakes, 1);
    Atomics.notify(this.#words, word.wakes);
  }

  /** Taken before looking for work; hand it to `sleep`, so that no wake between the two is missed. */
  get wakes(): number {
    return Atomics.load(this.#words, word.wakes);
  }

  /** Blocks the calling worker until a wake after `seen`, or for at most `timeoutMs`. */
  sleep(seen: number, timeoutMs = Infinity): void {
    Atomics.wait(this.#words, word.wakes, seen, timeoutMs);
  }

  /** Frames that may be decoded and not yet given back. */
  set window(frames: number) {
    Atomics.store(this.#words, word.window, frames);
    this.wake();
  }

  get hasCredit(): boolean {
    return Atomics.load(this.#words, word.framesOut) < Atomics.load(this.#words, word.window);
  }

  frameTaken(): void {
    Atomics.add(this.#words, word.framesOut, 1);
  }

  framesReturned(count: number): void {
    Atomics.sub(this.#words, word.framesOut, count);
    this.wake();
  }

  get framesOut(): number {
    return Atomics.load(this.#words, word.framesOut);
  }

  /** Pictures for viewers that the main thread has not taken yet. */
  get picturesWaiting(): number {
    return Atomics.load(this.#words, word.pictures);
  }

  pictureSent(): void {
    Atomics.add(this.#words, word.pictures, 1);
  }

  pictureTaken(): void {
    Atomics.sub(this.#words, word.pictures, 1);
    this.wake();
  }

  /** Messages with packets for viewers that the main thread has not taken yet. */
  get streamWaiting(): number {
    return Atomics.load(this.#words, word.stream);
  }

  streamSent(): void {
    Atomics.add(this.#words, word.stream, 1);
  }

  streamTaken(): void {
    Atomics.sub(this.#words, word.stream, 1);
  }

  /** A captured frame found no free buffer. A count, not a message: a blocked main thread must not pile them up. */
  frameLost(): { readonly isFirst: boolean } {
    return { isFirst: Atomics.add(this.#words, word.lost, 1) === 0 };
  }

  takeLost(): number {
    return Atomics.exchange(this.#words, word.lost, 0);
  }

  /** The next frame is to be run whatever it shows. */
  refresh(): void {
    Atomics.store(this.#words, word.refresh, 1);
  }

  takeRefresh(): boolean {
    return Atomics.exchange(this.#words, word.refresh, 0) === 1;
  }

  /** Counted up by the worker with every packet or wait: a worker whose number stands still is stuck in a read. */
  beat(): void {
    Atomics.add(this.#words, word.beats, 1);
  }

  get beats(): number {
    return Atomics.load(this.#words, word.beats);
  }
}

const word = {
  stopped: 0,
  wakes: 1,
  window: 2,
  framesOut: 3,
  pictures: 4,
  beats: 5,
  lost: 6,
  refresh: 7,
  stream: 8,
} as const;
const wordCount = 9;
