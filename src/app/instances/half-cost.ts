import type { LaneHost } from '../lanes/lane-host.ts';
import type { PreparedWork } from '../models/work.ts';
import type { EngineHost } from '../engine-host/engine-host.ts';
import type { Log } from '../ports.ts';
import type { StoreClient } from '../../store/operations.ts';

/** The first run pays for set-up; the median of the others counts. */
const RUNS = 7;
const READY_LIMIT_MS = 20_000;
const ANSWER_LIMIT_MS = 60_000;

export interface HalfCostDeps {
  readonly store: StoreClient;
  readonly log: Log;
  /** An engine of its own, not started yet. */
  readonly makeEngine: (threads: number) => EngineHost;
}

/**
 * What one picture costs with half of an executor's threads: measured in an engine of its own while nothing else runs,
 * and kept, since it changes only with the machine and the model.
 */
export class HalfCost {
  readonly #deps: HalfCostDeps;
  readonly #known = new Map<string, number>();
  #measuring: Promise<void> | null = null;

  constructor(deps: HalfCostDeps) {
    this.#deps = deps;
  }

  /** Milliseconds, or null where it was never measured. */
  async of(work: PreparedWork, threads: number): Promise<number | null> {
    const key = keyOf(work, threads);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const saved = Number(await this.#deps.store.call('settings.get', { key }));
    if (!(saved > 0)) return null;
    this.#known.set(key, saved);
    return saved;
  }

  /** Only to be asked while no camera and no scan runs. What cannot be measured stays unknown. */
  measure(work: PreparedWork, threads: number): Promise<void> {
    this.#measuring ??= this.#measure(work, threads)
      .catch((caught: unknown) => {
        this.#deps.log.warn('half of the threads could not be measured', { error: String(caught) });
      })
      .finally(() => {
        this.#measuring = null;
      });
    return this.#measuring;
  }

  async #measure(work: PreparedWork, threads: number): Promise<void> {
    const { store, log, makeEngine } = this.#deps;
    const engine = makeEngine(threads);
    try {
      await untilReady(engine);
      await engine.loadModel(work.model, ANSWER_LIMIT_MS);
      const { runMs } = await engine.request(
        {
          type: 'warm',
          modelId: work.model.manifest.id,
          lane: 'archive',
          input: work.shape.input,
          batch: 1,
          runs: RUNS,
        },
        ANSWER_LIMIT_MS,
      );
      const counted = runMs.slice(1).sort((a, b) => a - b);
      const medianMs = counted[Math.floor(counted.length / 2)] ?? 0;
      log.info('half of the threads measured', { model: work.model.manifest.id, threads, medianMs });
      this.#known.set(keyOf(work, threads), medianMs);
      await store.call('settings.set', { key: keyOf(work, threads), value: String(medianMs) });
    } finally {
      await engine.stop();
    }
  }
}

const keyOf = ({ model, shape }: PreparedWork, threads: number): string =>
  `half-cost:${model.manifest.sha256.slice(0, 16)}:${shape.costKey}:${String(threads)}`;

/** Starts the engine; resolves once it answers. */
export function untilReady(engine: EngineHost, lanes?: Pick<LaneHost, 'engineIsReady'>): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      undo();
      reject(new Error('the engine was not ready in time'));
    }, READY_LIMIT_MS);
    const undo = engine.listen({
      ready: () => {
        clearTimeout(timer);
        undo();
        lanes?.engineIsReady();
        resolve();
      },
      lost: () => undefined,
      message: () => undefined,
      state: () => undefined,
      recycle: () => undefined,
    });
    engine.start();
  });
}
