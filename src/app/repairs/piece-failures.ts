import { retryDelayMs } from '../../core/jobs/retry.ts';
import type { Clock } from '../../core/ports.ts';
import type { FailureKind } from '../../shared/domain/job.ts';

/** Files that could not be read for a reason outside of them, and until when they are left alone. */
export class PieceFailures {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #byFile = new Map<string, { attempts: number; againMonoMs: number }>();

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  /** False: trying again cannot help, or was tried often enough. */
  retryLater(file: string, kind: FailureKind): boolean {
    const attempts = (this.#byFile.get(file)?.attempts ?? 0) + 1;
    const delayMs = retryDelayMs(kind, attempts, this.#random());
    if (delayMs === null) {
      this.#byFile.delete(file);
      return false;
    }
    this.#byFile.set(file, { attempts, againMonoMs: this.#clock.monoMs() + delayMs });
    return true;
  }

  succeeded(file: string): void {
    this.#byFile.delete(file);
  }

  waiting(): readonly string[] {
    const nowMs = this.#clock.monoMs();
    return [...this.#byFile].flatMap(([file, { againMonoMs }]) => (againMonoMs > nowMs ? [file] : []));
  }
}
