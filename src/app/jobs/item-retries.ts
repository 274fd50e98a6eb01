import { retryDelayMs } from '../../core/jobs/retry.ts';
import type { Clock } from '../../core/ports.ts';
import type { FailureKind } from '../../shared/domain/job.ts';
import type { StoredItem } from '../../store/operations.ts';

interface Waiting {
  readonly item: StoredItem;
  readonly dueMonoMs: number;
}

/** Items that failed for a reason outside of them, and when they are tried again; other items go first. */
export class ItemRetries {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #due: () => void;
  readonly #attempts = new Map<number, number>();
  #waiting: Waiting[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** `due`: an item may be taken now. */
  constructor(clock: Clock, random: () => number, due: () => void) {
    this.#clock = clock;
    this.#random = random;
    this.#due = due;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** False: this kind of failure is permanent, or it was tried often enough. */
  add(item: StoredItem, kind: FailureKind): boolean {
    const attempts = (this.#attempts.get(item.id) ?? 0) + 1;
    const delayMs = retryDelayMs(kind, attempts, this.#random());
    if (delayMs === null) return false;
    this.#attempts.set(item.id, attempts);
    this.#waiting.push({ item, dueMonoMs: this.#clock.monoMs() + delayMs });
    this.#waiting.sort((a, b) => a.dueMonoMs - b.dueMonoMs);
    this.#arm();
    return true;
  }

  /** The item that is due first, if one is. */
  take(): StoredItem | undefined {
    const first = this.#waiting[0];
    if (first === undefined || first.dueMonoMs > this.#clock.monoMs()) return undefined;
    this.#waiting.shift();
    this.#arm();
    return first.item;
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #arm(): void {
    this.close();
    const first = this.#waiting[0];
    if (first === undefined) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        if (first.dueMonoMs > this.#clock.monoMs()) this.#arm();
        else this.#due();
      },
      // Timers count whole milliseconds: rounded down, this one would come a moment too early.
      Math.max(0, Math.ceil(first.dueMonoMs - this.#clock.monoMs())),
    );
  }
}
