import { cpus, platform, totalmem } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { statfs } from 'node:fs/promises';
import type { PictureStats } from '../../shared/domain/picture-api.ts';
import type { DecoderState } from '../../shared/domain/decoding.ts';
import type { SystemStatus } from '../../shared/domain/system.ts';
import type { OpenedStore } from '../../store/client.ts';
import type { QueueSource } from '../app.ts';
import type { EngineHost } from '../engine-host/engine-host.ts';
import type { AppEnvironment } from '../ports.ts';
import { storeQueues } from './store-queues.ts';

/** The store as services use it, with what it says of itself. */
export type WatchedStore = Pick<OpenedStore, 'call' | 'close' | 'load'>;

const WINDOW_MS = 60_000;
/** The histogram's own timer adds its resolution to every reading. */
const RESOLUTION_MS = 1;

/** What the System view and `doctor` show of this machine and this process. */
export class SystemMonitor {
  readonly #environment: AppEnvironment;
  readonly #store: WatchedStore;
  readonly #engine: Pick<EngineHost, 'state' | 'versions'>;
  readonly #decoders: () => DecoderState;
  readonly #pictures: () => Promise<PictureStats>;
  readonly #queues = new Set<QueueSource>();
  readonly #delay: ReturnType<typeof monitorEventLoopDelay>;
  readonly #timer: ReturnType<typeof setInterval>;
  #lastP99Ms = 0;

  constructor(
    environment: AppEnvironment,
    store: WatchedStore,
    engine: Pick<EngineHost, 'state' | 'versions'>,
    decoders: () => DecoderState,
    pictures: () => Promise<PictureStats>,
  ) {
    this.#environment = environment;
    this.#decoders = decoders;
    this.#pictures = pictures;
    this.#store = store;
    this.#engine = engine;
    this.#delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    this.#delay.enable();
    this.#timer = setInterval(() => {
      this.#lastP99Ms = this.#readP99Ms();
      this.#delay.reset();
    }, WINDOW_MS);
    this.#timer.unref();
  }

  /** Shows these queues too. Returns its own undo. */
  addQueueSource(source: QueueSource): () => void {
    this.#queues.add(source);
    return () => this.#queues.delete(source);
  }

  async status(): Promise<SystemStatus> {
    const { host, version, dataDir } = this.#environment;
    const store = await this.#store.call('store.status', undefined);
    const load = this.#store.load();
    const disk = await statfs(dataDir).catch(() => null);
    const processors = cpus();
    return {
      versions: {
        nightshift: version,
        node: process.versions.node,
        ...(process.versions['electron'] === undefined
          ? {}
          : { electron: process.versions['electron'], chrome: process.versions['chrome'] ?? '' }),
        sqlite: store.sqlite,
        ...this.#engine.versions,
      },
      host,
      machine: {
        cores: processors.length,
        memoryBytes: totalmem(),
        platform: `${platform()} ${process.arch}`,
        cpu: processors[0]?.model.trim() ?? 'unknown',
      },
      store: {
        ...store,
        freeBytes: disk === null ? null : disk.bavail * disk.bsize,
        mostWaiting: load.mostWaiting,
        slowCalls: load.slow,
      },
      engine: this.#engine.state,
      decoders: this.#decoders(),
      pictures: await this.#pictures(),
      queues: [...[...this.#queues].flatMap((queues) => queues()), ...storeQueues(load)],
      eventLoopP99Ms: Math.max(this.#lastP99Ms, this.#readP99Ms()),
    };
  }

  close(): void {
    clearInterval(this.#timer);
    this.#delay.disable();
  }

  #readP99Ms(): number {
    const p99Ms = this.#delay.percentile(99) / 1e6 - RESOLUTION_MS;
    return Number.isFinite(p99Ms) ? Math.max(0, Math.round(p99Ms * 10) / 10) : 0;
  }
}
