import type { Clock } from '../../core/ports.ts';
import type { Camera } from '../../shared/domain/camera.ts';
import type { StoreClient } from '../../store/operations.ts';

export interface RepairSettlingDeps {
  readonly store: StoreClient;
  readonly clock: Clock;
  readonly cameras: { readonly list: () => readonly Camera[] };
}

const settleMs = 10_000;
/** A frame without footage may still get some: files are told when they are opened, and written by news. */
const waitForFootageMs = 60_000;
/** A night of 14 hours at 5 frames a second, all of them shed. */
export const mostLeft = 250_000;
/** Single frames are known so long; how many they were stays. */
const rememberedMs = 31 * 86_400_000;

/** Says of frames that can never be repaired that it is so, and forgets single ones after a month. */
export class RepairSettling {
  readonly #deps: RepairSettlingDeps;
  #settledMonoMs = -Infinity;
  #givenUp = 0;

  constructor(deps: RepairSettlingDeps) {
    this.#deps = deps;
  }

  /** Frames that gave way because there were too many. */
  get givenUp(): number {
    return this.#givenUp;
  }

  async settleIfDue(): Promise<void> {
    const { store, clock, cameras } = this.#deps;
    if (clock.monoMs() - this.#settledMonoMs < settleMs) return;
    this.#settledMonoMs = clock.monoMs();
    const nowMs = clock.epochMs();
    const { givenUp } = await store.call('repairs.settle', {
      cameraIds: cameras.list().map(({ id }) => id),
      nowMs,
      waitMs: waitForFootageMs,
      mostOpen: mostLeft,
      forgetBeforeMs: nowMs - rememberedMs,
    });
    this.#givenUp += givenUp;
  }
}
