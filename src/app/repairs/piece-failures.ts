import { retryDelayMs } from '../../core/jobs/retry.ts';
import type { Clock } from '../../core/ports.ts';
import type { FailureKind } from '../../shared/domain/job.ts';

/** Files that could not be read for a reason outside of them, and until when they are left alone. */
export class PieceFailures {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #byFile = new Map<string, { attempts: number; againMonoMs: number; reason: string }>();

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  /** False: trying again cannot help, or was tried often enough. */
  retryLater(file: string, kind: FailureKind, reason: string): boolean {
    const attempts = (this.#byFile.get(file)?.attempts ?? 0) + 1;
    const delayMs = retryDelayMs(kind, attempts, this.#random());
    if (delayMs === null) {
      this.#byFile.delete(file);
      return false;
    }
    this.#byFile.set(file, { attempts, againMonoMs: this.#clock.monoMs() + delayMs, reason });
    return true;
  }

  succeeded(file: string): void {
    this.#byFile.delete(file);
  }

  waiting(): readonly string[] {
    return this.#waiting.map(([file]) => file);
  }

  /** Why one of the camera's files could not be read that is left alone now; null: none is. */
  reasonOf(cameraId: string): string | null {
    return this.#waiting.find(([file]) => file.startsWith(`${cameraId}/`))?.[1].reason ?? null;
  }

  get #waiting(): readonly (readonly [file: string, failure: { readonly reason: string }])[] {
    const nowMs = this.#clock.monoMs();
    return [...this.#byFile].filter(([, { againMonoMs }]) => againMonoMs > nowMs);
  }
}
