import type { Clock } from '../../core/ports.ts';
import type { CameraStretch } from '../../shared/domain/camera.ts';
import { describeError, toErrorValue } from '../../shared/errors.ts';
import type { StoreClient } from '../../store/operations.ts';
import type { Log } from '../ports.ts';

/** After a crash, so much at most is missing of the stretch that was going on. */
const SEEN_EVERY_MS = 30_000;

type Open = CameraStretch & { readonly cameraId: string };

/**
 * Writes down when each camera was live, frozen or offline. What goes on is written again every half minute with a later
 * end, so that a time at which nothing ran stays empty.
 */
export class CameraHistory {
  readonly #store: Pick<StoreClient, 'call'>;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #open = new Map<string, Open>();
  #written: Promise<unknown> = Promise.resolve();
  #timer: ReturnType<typeof setInterval> | null = null;

  constructor({ store, clock, log }: { store: Pick<StoreClient, 'call'>; clock: Clock; log: Log }) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#seen();
    }, SEEN_EVERY_MS);
  }

  /** From now on; null: it is switched off. The same state with other words goes on as one stretch, with the newest words. */
  now(cameraId: string, state: CameraStretch['state'] | null, reason: string | null = null): void {
    const nowMs = this.#clock.epochMs();
    const before = this.#open.get(cameraId);
    if (before !== undefined && before.state === state) {
      this.#open.set(cameraId, { ...before, reason });
      return;
    }
    const ended = before === undefined ? [] : [{ ...before, toMs: Math.max(before.fromMs, nowMs) }];
    this.#open.delete(cameraId);
    if (state === null) {
      this.#write(ended);
      return;
    }
    // Two changes within a millisecond have to stay two.
    const fromMs = Math.max(nowMs, (before?.fromMs ?? 0) + 1);
    const begun: Open = { cameraId, fromMs, toMs: fromMs, state, reason };
    this.#open.set(cameraId, begun);
    this.#write([...ended, begun]);
  }

  /** In order of time; what goes on ends now. */
  async read(cameraId: string, fromMs: number, toMs: number): Promise<readonly CameraStretch[]> {
    await this.upToNow();
    return this.#store.call('cameras.history', { cameraId, fromMs, toMs });
  }

  /** What goes on is written as far as now. */
  async upToNow(): Promise<void> {
    this.#seen();
    await this.#written;
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    for (const cameraId of [...this.#open.keys()]) this.now(cameraId, null);
    await this.#written;
  }

  #seen(): void {
    const nowMs = this.#clock.epochMs();
    this.#write([...this.#open.values()].map((open) => ({ ...open, toMs: Math.max(open.fromMs, nowMs) })));
  }

  #write(stretches: readonly Open[]): void {
    if (stretches.length === 0) return;
    this.#written = this.#store.call('cameras.states', { stretches }).catch((caught: unknown) => {
      this.#log.warn('the history of cameras was not written', { reason: describeError(toErrorValue(caught)) });
    });
  }
}
