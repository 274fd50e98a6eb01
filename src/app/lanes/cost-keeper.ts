import type { StoreClient } from '../../store/operations.ts';
import type { LadderCost, LaneName } from '../../shared/domain/lanes.ts';
import type { RunPlace } from '../engine-host/provider-keeper.ts';
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
  readonly #placeOf: (modelSha256: string, lane: LaneName) => RunPlace;
  #timer: ReturnType<typeof setInterval> | null = null;

  constructor(
    store: StoreClient,
    lanes: LaneHost,
    hashOf: (modelId: string) => string | null,
    placeOf: (modelSha256: string, lane: LaneName) => RunPlace,
  ) {
    this.#store = store;
    this.#lanes = lanes;
    this.#hashOf = hashOf;
    this.#placeOf = placeOf;
  }

  /** What was measured on these places, for the lanes that run there. */
  async load(places: readonly RunPlace[]): Promise<void> {
    for (const place of places) {
      const costs = await this.#store.call('costs.load', place);
      this.#lanes.importCosts(
        costs.flatMap(({ modelSha256, ...cost }) =>
          this.#hashOf(cost.modelId) === modelSha256 && isSame(this.#placeOf(modelSha256, cost.lane), place)
            ? [cost]
            : [],
        ),
      );
    }
    this.#timer ??= setInterval(() => void this.#save(), SAVE_MS);
  }

  /** The device was measured anew and says something else. */
  forget({ modelId, input, lane }: Pick<LadderCost, 'modelId' | 'input' | 'lane'>): void {
    const modelSha256 = this.#hashOf(modelId);
    if (modelSha256 === null) return;
    const place = this.#placeOf(modelSha256, lane);
    void this.#store.call('costs.forget', { ...place, modelSha256, input, lane }).catch(() => undefined);
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#save();
  }

  /** What cannot be stored is measured again; a disk in trouble is told by those whose results it loses. */
  async #save(): Promise<void> {
    const byPlace = new Map<string, { place: RunPlace; costs: (LadderCost & { modelSha256: string })[] }>();
    for (const cost of this.#lanes.exportCosts()) {
      const modelSha256 = this.#hashOf(cost.modelId);
      if (modelSha256 === null) continue;
      const place = this.#placeOf(modelSha256, cost.lane);
      const key = `${place.device}\n${place.provider}`;
      const known = byPlace.get(key) ?? { place, costs: [] };
      known.costs.push({ ...cost, modelSha256 });
      byPlace.set(key, known);
    }
    for (const { place, costs } of byPlace.values()) {
      await this.#store.call('costs.save', { ...place, costs }).catch(() => undefined);
    }
  }
}

const isSame = (one: RunPlace, other: RunPlace): boolean =>
  one.device === other.device && one.provider === other.provider;
