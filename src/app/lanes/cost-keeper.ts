import type { StoreClient } from '../../store/operations.ts';
import type { LaneHost } from './lane-host.ts';

const SAVE_MS = 60_000;

/**
 * What runs cost is measured once and kept: a fresh process predicts from it until it has measured for itself. Keyed by
 * device, provider and the model's hash, so that another model under the same name starts anew.
 */
export class CostKeeper {
  readonly #store: StoreClient;
  readonly #lanes: LaneHost;
  readonly #hashOf: (modelId: string) => string | null;
  #key: { device: string; provider: string } | null = null;
  #timer: ReturnType<typeof setInterval> | null = null;

  constructor(store: StoreClient, lanes: LaneHost, hashOf: (modelId: string) => string | null) {
    this.#store = store;
    this.#lanes = lanes;
    this.#hashOf = hashOf;
  }

  async load(device: string, provider: string): Promise<void> {
    this.#key = { device, provider };
    const costs = await this.#store.call('costs.load', this.#key);
    this.#lanes.importCosts(costs.filter((cost) => this.#hashOf(cost.modelId) === cost.modelSha256));
    this.#timer ??= setInterval(() => void this.#save(), SAVE_MS);
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#save();
  }

  /** What cannot be stored is measured again; a disk in trouble is told by those whose results it loses. */
  async #save(): Promise<void> {
    if (this.#key === null) return;
    const costs = this.#lanes.exportCosts().flatMap((cost) => {
      const modelSha256 = this.#hashOf(cost.modelId);
      return modelSha256 === null ? [] : [{ ...cost, modelSha256 }];
    });
    if (costs.length > 0) await this.#store.call('costs.save', { ...this.#key, costs }).catch(() => undefined);
  }
}
