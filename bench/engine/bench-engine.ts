import { EngineHost } from '../../src/app/engine-host/engine-host.ts';
import { systemClock } from '../../src/app/system-clock.ts';
import type { FromEngine } from '../../src/shared/engine/protocol.ts';
import { silentLog } from '../silent-log.ts';
import { forkBenchEngine, type AskEngine, type ForkedBenchEngine } from './fork-engine.ts';

export interface EngineSettings {
  readonly ingest: 'synthetic' | 'real';
  readonly providers: readonly string[];
  readonly intraOpThreads: number;
}

/** Whoever drives the engine now; there is one at a time. */
export interface Driver {
  message(message: FromEngine): void;
}

/** An engine child behind the product's own EngineHost, and the benchmark's second ear to it. */
export class BenchEngine {
  readonly host: EngineHost;
  readonly settings: EngineSettings;
  /** When each run was sent, by batch; emptied by whoever reads it. */
  readonly sentMonoMs = new Map<number, number>();
  driver: Driver | null = null;
  #child: ForkedBenchEngine | null = null;
  /** Rejects when the engine goes away. */
  readonly lost: Promise<never>;
  #tellLost: (error: Error) => void = () => undefined;

  private constructor(settings: EngineSettings) {
    this.settings = settings;
    this.lost = new Promise((_, reject) => {
      this.#tellLost = reject;
    });
    this.lost.catch(() => undefined); // whoever waits for something races with it
    this.host = new EngineHost({
      spawn: async () => {
        this.#child = await forkBenchEngine(settings.ingest, ({ type }, batchId) => {
          if (type === 'run' && batchId !== null) this.sentMonoMs.set(batchId, systemClock.monoMs());
        });
        return this.#child.channel;
      },
      clock: systemClock,
      log: silentLog,
      providers: settings.providers,
      intraOpThreads: settings.intraOpThreads,
      archiveWindow: 4,
      maxPixels: 100e6,
      memory: { softBytes: Number.MAX_SAFE_INTEGER, hardBytes: Number.MAX_SAFE_INTEGER },
    });
  }

  /** Resolves once it answers. */
  static async start(settings: EngineSettings): Promise<BenchEngine> {
    const engine = new BenchEngine(settings);
    await new Promise<void>((resolve, reject) => {
      engine.host.listen({
        ready: resolve,
        // A measurement on a second engine would be another measurement.
        lost: ({ text }) => {
          const error = new Error(`the engine was lost: ${text}`);
          engine.#tellLost(error);
          reject(error);
        },
        message: (message) => engine.driver?.message(message),
        state: () => undefined,
        recycle: () => undefined,
      });
      engine.host.start();
    });
    return engine;
  }

  readonly ask: AskEngine = (name, input) => {
    if (this.#child === null) return Promise.reject(new Error('the engine does not run'));
    return Promise.race([this.#child.ask(name, input), this.lost]);
  };

  /** Resolves when everything that was sent before is carried out: requests wait in line with runs. */
  async settled(): Promise<void> {
    await this.host.request({ type: 'inspect', path: '' }).catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.driver = null;
    await this.host.stop();
  }
}
