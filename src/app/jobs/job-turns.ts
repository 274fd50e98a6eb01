/**
 * Which jobs run: so many at once, the others wait in the order in which they were asked for. One that is asked for again
 * while its last run is still being put away waits for the end of that.
 */
export class JobTurns<Job> {
  readonly #most: () => number;
  readonly #run: (job: Job) => Promise<void>;
  readonly #changed: () => void;
  #waiting: Job[] = [];
  readonly #running = new Map<Job, Promise<void>>();
  #closed = false;

  /**
   * `most`: how many run at once. `run` never rejects. `changed`: one began or ended, or the order of those that wait is
   * another one.
   */
  constructor(most: () => number, run: (job: Job) => Promise<void>, changed: () => void) {
    this.#most = most;
    this.#run = run;
    this.#changed = changed;
  }

  get running(): Iterable<Job> {
    return this.#running.keys();
  }

  /** In the order in which they will run. */
  get waiting(): readonly Job[] {
    return this.#waiting;
  }

  isRunning(job: Job): boolean {
    return this.#running.has(job);
  }

  isWaiting(job: Job): boolean {
    return this.#waiting.includes(job);
  }

  /** 1: the next to run. Null: it does not wait. */
  placeOf(job: Job): number | null {
    const index = this.#waiting.indexOf(job);
    return index < 0 ? null : index + 1;
  }

  /** They wait for their turn, after those that wait already. */
  add(...jobs: readonly Job[]): void {
    this.#waiting.push(...jobs);
    this.look();
    this.#changed();
  }

  /** It gives its turn up before it had it. */
  remove(job: Job): void {
    if (!this.isWaiting(job)) return;
    this.#waiting = this.#waiting.filter((one) => one !== job);
    this.#changed();
  }

  /** Lets as many run as may. */
  look(): void {
    while (!this.#closed && this.#running.size < this.#most()) {
      const next = this.#waiting.find((job) => !this.#running.has(job));
      if (next === undefined) return;
      this.#waiting = this.#waiting.filter((job) => job !== next);
      this.#running.set(next, this.#runToEnd(next));
    }
  }

  /** Nothing is begun any more; resolves when the last run is over. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#running.values());
  }

  async #runToEnd(job: Job): Promise<void> {
    // Whoever asked for it hears of it before it begins.
    await Promise.resolve();
    await this.#run(job);
    this.#running.delete(job);
    this.look();
    this.#changed();
  }
}
