import type { LaneName } from '../../shared/domain/lanes.ts';

/** A reason of the scheduler: flat, so that it can be kept as numbers and put into words only when somebody reads it. */
export type FlatReason = { readonly is: string } & Readonly<Record<string, string | number | boolean | null>>;

/** What is known of a run when it begins. */
export interface StartedRun {
  readonly slot: number;
  readonly lane: LaneName;
  readonly predictedMs: number;
  readonly batch: number;
  readonly places: number;
  readonly subject: string;
  readonly waitedMs: number;
  readonly liveWaiting: number;
  readonly archiveWaiting: number;
  readonly reason: FlatReason;
}

/** A run as it is read back. */
export interface KeptRun extends StartedRun {
  readonly seq: number;
  readonly startedAtMs: number;
  /** Null while it runs. */
  readonly actualMs: number | null;
}

/** A stretch of runs over which wall clock and monotonic clock stood in the same relation. */
interface Stretch {
  readonly firstSeq: number;
  readonly epochMinusMonoMs: number;
}

/** An hour at 100 runs a second. */
const defaultCapacity = 360_000;
const valuesPerReason = 6;
const mostTexts = 0xff_ff;
/** Smaller corrections of the wall clock are not worth a stretch of their own. */
const clockToleranceMs = 50;
/** A clock that is set again and again costs the oldest runs, not memory. */
const mostStretches = 64;
/** Runs of several slots end in another order than they began; so many before a moment may reach into it. */
const lookBackRuns = 16;

const textKind = 1;
const numberKind = 2;
const truthKind = 3;
const kindBits = 2;

/**
 * The newest runs in columns of numbers: 58 bytes a run (21 MB an hour at 100 runs a second), nothing for the garbage
 * collector to visit. Times are kept on the monotonic clock and translated when they are read, so a wall clock that is
 * set back neither disorders nor doubles anything.
 */
export class RunRing {
  readonly #capacity: number;
  readonly #startMonoMs: Float64Array;
  /** Below zero while it runs. */
  readonly #actualMs: Float32Array;
  readonly #predictedMs: Float32Array;
  readonly #waitedMs: Float32Array;
  readonly #batch: Uint8Array;
  readonly #places: Uint8Array;
  readonly #slot: Uint8Array;
  readonly #isLive: Uint8Array;
  readonly #subject: Uint16Array;
  readonly #liveWaiting: Uint16Array;
  readonly #archiveWaiting: Uint16Array;
  /** Text number of the reason's field names; its values with two bits of kind each. */
  readonly #form: Uint16Array;
  readonly #kinds: Uint16Array;
  readonly #values: Float32Array;
  readonly #mostTexts: number;
  #texts: string[] = [];
  #textNumbers = new Map<string, number>();
  readonly #stretches: Stretch[] = [];
  #nextSeq = 0;
  #oldestSeq = 0;

  constructor(capacity = defaultCapacity, textLimit = mostTexts) {
    this.#capacity = capacity;
    this.#mostTexts = textLimit;
    this.#startMonoMs = new Float64Array(capacity);
    this.#actualMs = new Float32Array(capacity);
    this.#predictedMs = new Float32Array(capacity);
    this.#waitedMs = new Float32Array(capacity);
    this.#batch = new Uint8Array(capacity);
    this.#places = new Uint8Array(capacity);
    this.#slot = new Uint8Array(capacity);
    this.#isLive = new Uint8Array(capacity);
    this.#subject = new Uint16Array(capacity);
    this.#liveWaiting = new Uint16Array(capacity);
    this.#archiveWaiting = new Uint16Array(capacity);
    this.#form = new Uint16Array(capacity);
    this.#kinds = new Uint16Array(capacity);
    this.#values = new Float32Array(capacity * valuesPerReason);
  }

  get size(): number {
    return this.#nextSeq - this.#oldestSeq;
  }

  get bytes(): number {
    const columns = [
      ...[this.#startMonoMs, this.#actualMs, this.#predictedMs, this.#waitedMs, this.#batch, this.#places, this.#slot],
      ...[this.#isLive, this.#subject, this.#liveWaiting, this.#archiveWaiting, this.#form, this.#kinds, this.#values],
    ];
    return columns.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** Epoch ms from which on single runs are kept; null: there are none. */
  get keptFromMs(): number | null {
    const first = this.#stretches[0];
    if (first === undefined) return null;
    return (this.#startMonoMs[this.#oldestSeq % this.#capacity] as number) + first.epochMinusMonoMs;
  }

  /** Answers the run's number. */
  started(run: StartedRun, monoMs: number, epochMs: number): number {
    if (this.size === this.#capacity) this.#oldestSeq += 1;
    const seq = this.#nextSeq;
    this.#nextSeq += 1;
    this.#noteClock(seq, epochMs - monoMs);
    const at = seq % this.#capacity;
    this.#startMonoMs[at] = monoMs;
    this.#actualMs[at] = -1;
    this.#predictedMs[at] = run.predictedMs;
    this.#waitedMs[at] = run.waitedMs;
    this.#batch[at] = run.batch;
    this.#places[at] = run.places;
    this.#slot[at] = run.slot;
    this.#isLive[at] = run.lane === 'live' ? 1 : 0;
    this.#liveWaiting[at] = Math.min(0xff_ff, run.liveWaiting);
    this.#archiveWaiting[at] = Math.min(0xff_ff, run.archiveWaiting);
    // Until this row has them, no text number of it may be in use.
    this.#form[at] = this.#subject[at] = this.#kinds[at] = 0;
    this.#subject[at] = this.#textNumber(run.subject);
    this.#keepReason(at, run.reason);
    return seq;
  }

  /** It took `actualMs`, or the engine was lost after that long. */
  ended(seq: number, actualMs: number): void {
    if (seq >= this.#oldestSeq && seq < this.#nextSeq) this.#actualMs[seq % this.#capacity] = Math.max(0, actualMs);
  }

  /** Runs that touch [fromMs, toMs), or null if there are more than `most`; `nowMonoMs` ends those that still run. */
  read(fromMs: number, toMs: number, most: number, nowMonoMs: number): readonly KeptRun[] | null {
    const found: number[] = [];
    let tooMany = false;
    this.#visit(fromMs, toMs, nowMonoMs, (seq) => {
      if (found.length === most) tooMany = true;
      else found.push(seq);
      return !tooMany;
    });
    return tooMany ? null : found.map((seq) => this.#run(seq));
  }

  /** Calls `visit` for every run that touches [fromMs, toMs), in the order they began, with epoch times. */
  each(
    fromMs: number,
    toMs: number,
    nowMonoMs: number,
    visit: (startMs: number, endMs: number, lane: LaneName, batch: number) => void,
  ): void {
    this.#visit(fromMs, toMs, nowMonoMs, (seq, startMs, endMs) => {
      const at = seq % this.#capacity;
      visit(startMs, endMs, this.#isLive[at] === 1 ? 'live' : 'archive', this.#batch[at] as number);
      return true;
    });
  }

  /** At most so many runs touch [fromMs, toMs): found by bisection, without looking at them. */
  countAtMost(fromMs: number, toMs: number): number {
    let count = 0;
    this.#stretches.forEach((stretch, index) => {
      const [first, last] = this.#range(stretch, index, fromMs, toMs);
      count += last - first;
    });
    return count;
  }

  #visit(
    fromMs: number,
    toMs: number,
    nowMonoMs: number,
    visit: (seq: number, startMs: number, endMs: number) => boolean,
  ): void {
    for (const [index, stretch] of this.#stretches.entries()) {
      const { epochMinusMonoMs } = stretch;
      const [first, last] = this.#range(stretch, index, fromMs, toMs);
      for (let seq = first; seq < last; seq += 1) {
        const at = seq % this.#capacity;
        const startMonoMs = this.#startMonoMs[at] as number;
        const actualMs = this.#actualMs[at] as number;
        const endMs = epochMinusMonoMs + (actualMs < 0 ? Math.max(startMonoMs, nowMonoMs) : startMonoMs + actualMs);
        const startMs = startMonoMs + epochMinusMonoMs;
        if (startMs < toMs && (endMs > fromMs || startMs >= fromMs) && !visit(seq, startMs, endMs)) return;
      }
    }
  }

  /** Numbers [first, last) of the stretch's runs that can touch [fromMs, toMs). */
  #range({ firstSeq, epochMinusMonoMs }: Stretch, index: number, fromMs: number, toMs: number): [number, number] {
    const low = Math.max(firstSeq, this.#oldestSeq);
    const high = this.#stretches[index + 1]?.firstSeq ?? this.#nextSeq;
    const first = this.#firstFrom(low, high, fromMs - epochMinusMonoMs);
    return [Math.max(low, first - lookBackRuns), this.#firstFrom(low, high, toMs - epochMinusMonoMs)];
  }

  #firstFrom(from: number, to: number, monoMs: number): number {
    let [low, high] = [from, to];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((this.#startMonoMs[middle % this.#capacity] as number) < monoMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #run(seq: number): KeptRun {
    const at = seq % this.#capacity;
    const actualMs = this.#actualMs[at] as number;
    let stretch = this.#stretches[0] as Stretch;
    for (const next of this.#stretches) if (next.firstSeq <= seq) stretch = next;
    return {
      seq,
      slot: this.#slot[at] as number,
      lane: this.#isLive[at] === 1 ? 'live' : 'archive',
      startedAtMs: (this.#startMonoMs[at] as number) + stretch.epochMinusMonoMs,
      actualMs: actualMs < 0 ? null : actualMs,
      predictedMs: this.#predictedMs[at] as number,
      batch: this.#batch[at] as number,
      places: this.#places[at] as number,
      subject: this.#texts[this.#subject[at] as number] ?? '',
      waitedMs: this.#waitedMs[at] as number,
      liveWaiting: this.#liveWaiting[at] as number,
      archiveWaiting: this.#archiveWaiting[at] as number,
      reason: this.#reason(at),
    };
  }

  #noteClock(seq: number, epochMinusMonoMs: number): void {
    const latest = this.#stretches[this.#stretches.length - 1];
    if (latest === undefined || Math.abs(latest.epochMinusMonoMs - epochMinusMonoMs) > clockToleranceMs) {
      this.#stretches.push({ firstSeq: seq, epochMinusMonoMs });
    }
    while ((this.#stretches[1]?.firstSeq ?? Infinity) <= this.#oldestSeq) this.#stretches.shift();
    if (this.#stretches.length <= mostStretches) return;
    this.#stretches.shift();
    this.#oldestSeq = (this.#stretches[0] as Stretch).firstSeq;
  }

  /** `is` comes first among the fields, so that its text number leads the values. */
  #keepReason(at: number, reason: FlatReason): void {
    const names = Object.keys(reason);
    if (names.length > valuesPerReason) throw new Error(`a reason of ${String(names.length)} fields: ${names.join()}`);
    let kinds = 0;
    for (const [index, name] of names.entries()) {
      const value = reason[name];
      const place = at * valuesPerReason + index;
      let kind = 0;
      if (typeof value === 'string') kind = textKind;
      else if (typeof value === 'number') kind = numberKind;
      else if (typeof value === 'boolean') kind = truthKind;
      this.#values[place] = typeof value === 'string' ? this.#textNumber(value) : Number(value ?? 0);
      kinds |= kind << (index * kindBits);
      this.#kinds[at] = kinds; // kept up to date: `#forgetTexts` may look at this row
    }
    this.#form[at] = this.#textNumber(names.join(' '));
  }

  #reason(at: number): FlatReason {
    const names = (this.#texts[this.#form[at] as number] ?? '').split(' ');
    const kinds = this.#kinds[at] as number;
    return Object.fromEntries(
      names.map((name, index) => {
        const kind = (kinds >> (index * kindBits)) & 3;
        const value = this.#values[at * valuesPerReason + index] as number;
        if (kind === textKind) return [name, this.#texts[value] ?? ''];
        if (kind === truthKind) return [name, value === 1];
        return [name, kind === numberKind ? value : null];
      }),
    ) as FlatReason;
  }

  #textNumber(text: string): number {
    const known = this.#textNumbers.get(text);
    if (known !== undefined) return known;
    if (this.#texts.length >= this.#mostTexts) this.#forgetTexts();
    const number = this.#texts.length;
    this.#texts.push(text);
    this.#textNumbers.set(text, number);
    return number;
  }

  /** Texts that no kept run uses any more give their numbers back; runs give way where even that is not enough. */
  #forgetTexts(): void {
    let used = this.#usedTexts(this.#oldestSeq);
    while (used.size > this.#mostTexts / 2 && this.size > 1) {
      this.#oldestSeq += Math.ceil(this.size / 2);
      used = this.#usedTexts(this.#oldestSeq);
    }
    const numbers = new Map<number, number>();
    const texts: string[] = [];
    for (const number of used) {
      numbers.set(number, texts.length);
      texts.push(this.#texts[number] ?? '');
    }
    const renumber = (number: number): number => numbers.get(number) ?? 0;
    for (let seq = this.#oldestSeq; seq < this.#nextSeq; seq += 1) {
      const at = seq % this.#capacity;
      this.#subject[at] = renumber(this.#subject[at] as number);
      this.#form[at] = renumber(this.#form[at] as number);
      this.#eachText(at, (place) => {
        this.#values[place] = renumber(this.#values[place] as number);
      });
    }
    this.#texts = texts;
    this.#textNumbers = new Map(texts.map((text, number) => [text, number]));
  }

  #usedTexts(fromSeq: number): Set<number> {
    const used = new Set<number>();
    for (let seq = fromSeq; seq < this.#nextSeq; seq += 1) {
      const at = seq % this.#capacity;
      used.add(this.#subject[at] as number);
      used.add(this.#form[at] as number);
      this.#eachText(at, (place) => used.add(this.#values[place] as number));
    }
    return used;
  }

  #eachText(at: number, visit: (place: number) => void): void {
    const kinds = this.#kinds[at] as number;
    for (let index = 0; index < valuesPerReason; index += 1) {
      if (((kinds >> (index * kindBits)) & 3) === textKind) visit(at * valuesPerReason + index);
    }
  }
}
