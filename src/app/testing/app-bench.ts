import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import type { Clock } from '../../core/ports.ts';
import type { EventMessage } from '../../shared/contract/events.ts';
import type { CameraStatus } from '../../shared/domain/camera.ts';
import {
  jobSpecSchema,
  type JobDetail,
  type JobSpec,
  type JobSpecInput,
  type JobSummary,
} from '../../shared/domain/job.ts';
import type { ReportDetection } from '../../shared/domain/report.ts';
import { openStore } from '../../store/client.ts';
import type { OperationName } from '../../store/operations.ts';
import type { App } from '../app.ts';
import { composeServices } from '../compose.ts';
import type { AppEnvironment, Log } from '../ports.ts';
import { keyFileSecrets } from '../secrets/key-file-secrets.ts';
import type { WatchedStore } from '../system/system-monitor.ts';
import { scriptedEngines, type EngineScript, type ScriptedEngines } from './scripted-engine.ts';

/**
 * The whole control plane on a real store and a temporary folder, with scripted engines and time that moves only when
 * nothing else can: a wait of minutes passes at once, and nothing depends on how fast the machine is.
 */
export class AppBench {
  readonly folder = mkdtempSync(join(tmpdir(), 'nightshift-app-'));
  readonly dataDir = join(this.folder, 'data');
  readonly footage = join(this.folder, 'footage');
  readonly clock: Clock;
  readonly engines: ScriptedEngines;
  /** Answers the error that a store operation shall fail with; null: it is made. */
  storeFault: (name: OperationName, input: unknown) => Error | null = () => null;
  /** Answers what a store operation waits for before it is made; null: nothing. Time passes meanwhile. */
  storeHold: (name: OperationName, input: unknown) => Promise<void> | null = () => null;
  readonly logged: string[] = [];
  readonly events: EventMessage[] = [];
  #store: WatchedStore | null = null;
  #app: App | null = null;
  /** Store calls that are not answered yet: time stands still for them. */
  #underWay = 0;
  #dead = { is: false };

  constructor(script: Partial<EngineScript> = {}) {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
    const startMs = Date.now();
    this.clock = { monoMs: () => 1_000 + Date.now() - startMs, epochMs: () => Date.now() };
    this.engines = scriptedEngines(this.clock, script);
    writeModel(join(this.folder, 'models', 'nanodet-g'));
    mkdirSync(this.footage);
  }

  get app(): App {
    if (this.#app === null) throw new Error('the application is not running');
    return this.#app;
  }

  get store(): WatchedStore {
    if (this.#store === null) throw new Error('the application is not running');
    return this.#store;
  }

  /** A file of its own content, by its path inside the footage folder. */
  file(name: string, content = name): string {
    const path = join(this.footage, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  async start(options: Partial<AppEnvironment> = {}): Promise<App> {
    const write = (message: string, fields?: Readonly<Record<string, unknown>>): void => {
      this.logged.push(`${message} ${JSON.stringify(fields ?? {})}`);
    };
    const log: Log = { info: write, warn: write, error: write };
    const store = await openStore({
      dataDir: this.dataDir,
      workerFile: new URL('../../store/worker.ts', import.meta.url),
      log,
    });
    const dead = { is: false };
    this.#dead = dead;
    this.#store = {
      call: async (name, input) => {
        if (dead.is) return new Promise<never>(() => undefined);
        const fault = this.storeFault(name, input);
        if (fault !== null) throw fault;
        const hold = this.storeHold(name, input);
        if (hold !== null) await hold;
        this.#underWay += 1;
        return store.call(name, input).finally(() => (this.#underWay -= 1));
      },
      load: store.load,
      close: async () => {
        this.#underWay += 1;
        await store.close().finally(() => (this.#underWay -= 1));
      },
    };
    const app = await this.passing(
      composeServices(
        {
          host: 'browser',
          dataDir: this.dataDir,
          modelsDir: join(this.folder, 'models'),
          resourcesDir: join(this.folder, 'resources'),
          reportsDir: join(this.folder, 'reports'),
          storeWorkerFile: fileURLToPath(new URL('../../store/worker.ts', import.meta.url)),
          spawnEngine: this.engines.spawn,
          // Whatever devices the machine of the tests has.
          providers: ['cpu'],
          decoders: [],
          dialogs: null,
          secrets: keyFileSecrets(this.dataDir),
          clock: this.clock,
          log,
          version: '0.0.0',
          openCameras: true,
          resumeJobs: true,
          onFatal: (error) => {
            throw error;
          },
          ...options,
        },
        this.#store,
      ),
    );
    app.subscribe((message) => this.events.push(message));
    this.#app = app;
    return app;
  }

  async close(): Promise<void> {
    const app = this.#app;
    this.#app = null;
    if (app !== null) await this.passing(app.close());
  }

  /** As if the process had been killed: nothing of it moves or writes any more. */
  async killed(): Promise<void> {
    this.#dead.is = true;
    vi.clearAllTimers();
    const store = this.#store;
    this.#app = null;
    this.#store = null;
    await store?.close();
    this.events.length = 0;
  }

  /** Puts everything away; every test ends with it. */
  async end(): Promise<void> {
    this.storeFault = () => null;
    this.storeHold = () => null;
    await this.close().finally(() => {
      vi.useRealTimers();
      rmSync(this.folder, { recursive: true, force: true });
    });
  }

  /** Lets time pass until the condition holds; fails after `limitMs` of it. */
  async until(condition: () => boolean, limitMs = 60_000): Promise<void> {
    const giveUpAtMs = Date.now() + limitMs;
    while (!condition()) {
      if (Date.now() > giveUpAtMs) throw new Error(`not within ${String(limitMs)} ms: ${condition.toString()}`);
      await this.#step();
    }
  }

  /** Lets time pass until the promise is settled. */
  async passing<T>(promise: Promise<T>, limitMs = 60_000): Promise<T> {
    let settled = false;
    const mark = (): void => {
      settled = true;
    };
    promise.then(mark, mark);
    await this.until(() => settled, limitMs);
    return promise;
  }

  /** Lets `ms` pass. */
  async pass(ms: number): Promise<void> {
    const endMs = Date.now() + ms;
    const timer = { over: false };
    setTimeout(() => (timer.over = true), ms);
    await this.until(() => timer.over && Date.now() >= endMs, ms + 1_000);
  }

  spec(change: Partial<JobSpecInput> = {}): JobSpec {
    return jobSpecSchema.parse({ paths: [this.footage], ...change });
  }

  /** As the last event told it. */
  job(id: string): JobSummary | undefined {
    for (let index = this.events.length - 1; index >= 0; index--) {
      const message = this.events[index];
      if (message?.event === 'jobs.progress' && message.payload.id === id) return message.payload;
    }
    return undefined;
  }

  /** Waits for an operator to be told. */
  told(text: string): Promise<void> {
    const tells = (message: EventMessage): boolean =>
      message.event === 'notices.changed' && message.payload.some((notice) => notice.text.includes(text));
    return this.until(() => this.events.some(tells));
  }

  async jobIs(id: string, state: JobSummary['state'], limitMs = 60_000): Promise<JobDetail> {
    await this.until(() => this.job(id)?.state === state, limitMs);
    return this.passing(this.app.handlers['jobs.get']({ id }));
  }

  async status(cameraId: string): Promise<CameraStatus> {
    const { statuses } = await this.passing(this.app.handlers['app.overview'](undefined));
    const status = statuses.find((one) => one.cameraId === cameraId);
    if (status === undefined) throw new Error(`there is no camera ${cameraId}`);
    return status;
  }

  async notices(): Promise<readonly string[]> {
    return (await this.passing(this.app.handlers['notices.list'](undefined))).map((notice) => notice.text);
  }

  /** What a report of the job would say, row by row. */
  async rows(jobId: string): Promise<readonly ReportDetection[]> {
    const scope = { jobId, cameraId: null, sinceMs: null, untilMs: null };
    return (await this.passing(this.store.call('report.rows', { scope, after: null, limit: 10_000 }))).rows;
  }

  /** Frames whose result was answered more than once. */
  get analysedTwice(): readonly string[] {
    return [...this.engines.answered].filter(([, times]) => times > 1).map(([frame]) => frame);
  }

  async #step(): Promise<void> {
    // What was read from a file or the store is taken up within a few turns of the event loop.
    for (let turn = 0; turn < 3; turn++) await nextTurn();
    const readsFiles = process
      .getActiveResourcesInfo()
      .some((resource) => resource.endsWith('Req') || resource.startsWith('FSReq'));
    if (this.#underWay === 0 && !readsFiles && vi.getTimerCount() > 0) vi.advanceTimersToNextTimer();
  }
}

function writeModel(folder: string): void {
  const content = 'a model that is never run';
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'model.onnx'), content);
  writeFileSync(
    join(folder, 'manifest.json'),
    JSON.stringify({
      id: 'nanodet-g',
      name: 'NanoDet-g',
      version: '1.0.0',
      family: 'yolo-head',
      file: 'model.onnx',
      sha256: createHash('sha256').update(content).digest('hex'),
      input: { name: 'pixels', type: 'uint8', layout: 'nhwc', padding: 114, multipleOf: 32 },
      output: { name: 'output0' },
      tiers: {
        fast: { width: 320, height: 320 },
        normal: { width: 416, height: 416 },
        accurate: { width: 640, height: 640 },
      },
      labels: ['person', 'car'],
      score: 0.4,
      iou: 0.6,
      licence: 'Apache-2.0',
      provenance: 'Written for a test.',
    }),
  );
}
