/** A turn that takes longer is one of a thread that is stuck in a read: the others do not wait for its end. */
const patienceMs = 1_000;
/** Nobody who wants to decode comes to be further ahead: a seat that seems to be was at rest until the numbers wrapped around. */
const mostAheadUs = 5 * 60_000_000;
/** A thread that waits for its turn looks this often whether it is still wanted. */
const lookMs = 50;

const idle = 0;
const wanting = 1;
const decoding = 2;
/** Beside turns that do not end. */
const overtaking = 3;

const word = { free: 0, wakes: 1, latest: 2 } as const;
const sharedWords = 3;
const seatWords = 3;
const mostSeats = 16;

/**
 * Whose turn it is to decode, among the archive's threads: only so many decode at once, and where more want to, the one
 * that has decoded least for its weight is the next. So one job's slow file takes nothing from another job but its turn,
 * and cameras meet no more archive decoders than with one job. Weighted deficit round robin, kept as time used, as in the
 * archive lane.
 *
 * Each thread has a seat. Its words are written by that thread alone, and by `forget` once it is gone.
 */
export class DecodeTurns {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #nowMs: () => number;

  constructor(nowMs: () => number, buffer?: SharedArrayBuffer) {
    this.buffer = buffer ?? new SharedArrayBuffer((sharedWords + mostSeats * seatWords) * Int32Array.BYTES_PER_ELEMENT);
    this.#words = new Int32Array(this.buffer);
    this.#nowMs = nowMs;
  }

  /** @param atOnce how many may decode at the same time. */
  static of(atOnce: number, nowMs: () => number): DecodeTurns {
    const turns = new DecodeTurns(nowMs);
    Atomics.store(turns.#words, word.free, atOnce);
    return turns;
  }

  seat(seat: number): DecodeSeat {
    if (seat < 0 || seat >= mostSeats) throw new RangeError(`there is no seat ${String(seat)}`);
    return new DecodeSeat(this.#words, seat, this.#nowMs);
  }
}

/** One thread's part in the turns. */
export class DecodeSeat {
  readonly #words: Int32Array;
  readonly #seat: number;
  readonly #nowMs: () => number;

  constructor(words: Int32Array, seat: number, nowMs: () => number) {
    this.#words = words;
    this.#seat = seat;
    this.#nowMs = nowMs;
  }

  /** Blocks until it is this thread's turn, or until nobody wants that any more. */
  take(isOver: () => boolean): void {
    this.want();
    for (;;) {
      const seen = Atomics.load(this.#words, word.wakes);
      if (isOver()) break;
      if (this.tryTake()) return;
      Atomics.wait(this.#words, word.wakes, seen, lookMs);
    }
    this.#leave();
  }

  /** From now on it waits for its turn. */
  want(): void {
    // Who comes back after a rest owes nothing and is owed nothing.
    const latest = Atomics.load(this.#words, word.latest);
    const aheadUs = (this.#usedOf(this.#seat) - latest) | 0;
    if (aheadUs < 0 || aheadUs > mostAheadUs) Atomics.store(this.#words, usedWord(this.#seat), latest);
    Atomics.store(this.#words, stateWord(this.#seat), wanting);
  }

  /** After `want`: whether it is its turn now. */
  tryTake(): boolean {
    if (this.#isNext() && this.#takesFree()) this.#begin(decoding);
    else if (this.#areStuck()) this.#begin(overtaking);
    else return false;
    return true;
  }

  /** The turn is over. Nothing happens where it had none. */
  give(weight: number): void {
    const state = Atomics.load(this.#words, stateWord(this.#seat));
    if (state === decoding || state === overtaking) {
      const tookUs = (toMicros(this.#nowMs()) - Atomics.load(this.#words, sinceWord(this.#seat))) | 0;
      Atomics.add(this.#words, usedWord(this.#seat), Math.round(Math.max(0, tookUs) / weight));
    }
    this.#leave();
  }

  /** The thread is gone, or given up: its turn is free. */
  forget(): void {
    this.#leave();
  }

  #begin(state: typeof decoding | typeof overtaking): void {
    Atomics.store(this.#words, sinceWord(this.#seat), toMicros(this.#nowMs()));
    Atomics.store(this.#words, stateWord(this.#seat), state);
    Atomics.store(this.#words, word.latest, this.#usedOf(this.#seat));
  }

  #leave(): void {
    const words = this.#words;
    if (Atomics.exchange(words, stateWord(this.#seat), idle) === decoding) Atomics.add(words, word.free, 1);
    Atomics.add(words, word.wakes, 1);
    Atomics.notify(words, word.wakes);
  }

  /** Nobody else who wants to has decoded less. */
  #isNext(): boolean {
    const own = this.#usedOf(this.#seat);
    for (let other = 0; other < mostSeats; other++) {
      if (other === this.#seat || Atomics.load(this.#words, stateWord(other)) !== wanting) continue;
      const used = this.#usedOf(other);
      if (isLess(used, own) || (used === own && other < this.#seat)) return false;
    }
    return true;
  }

  /** None is free, and those who have one have had it for too long. */
  #areStuck(): boolean {
    const now = toMicros(this.#nowMs());
    for (let other = 0; other < mostSeats; other++) {
      if (Atomics.load(this.#words, stateWord(other)) !== decoding) continue;
      if (((now - Atomics.load(this.#words, sinceWord(other))) | 0) < patienceMs * 1000) return false;
    }
    return Atomics.load(this.#words, word.free) === 0;
  }

  #takesFree(): boolean {
    const free = Atomics.load(this.#words, word.free);
    return free > 0 && Atomics.compareExchange(this.#words, word.free, free, free - 1) === free;
  }

  #usedOf(seat: number): number {
    return Atomics.load(this.#words, usedWord(seat));
  }
}

const stateWord = (seat: number): number => sharedWords + seat * seatWords;
/** Microseconds decoded, divided by the weight of what was decoded. */
const usedWord = (seat: number): number => stateWord(seat) + 1;
/** When the turn began, in microseconds. */
const sinceWord = (seat: number): number => stateWord(seat) + 2;
/** The low 32 bits. */
const toMicros = (ms: number): number => Math.round(ms * 1000) | 0;
/** Of numbers that wrap around: of those who want to decode, they are never half the range apart. */
const isLess = (a: number, b: number): boolean => ((a - b) | 0) < 0;
