import { SvelteMap } from 'svelte/reactivity';
import type { CallInput, CallName, CallOutput, Overview } from '../../shared/contract/calls.ts';
import type { EventMessage, Events } from '../../shared/contract/events.ts';
import type { Camera, CameraStatus, SecretsProtection } from '../../shared/domain/camera.ts';
import type { JobSummary } from '../../shared/domain/job.ts';
import type { LaneSettings, LanesSnapshot } from '../../shared/domain/lanes.ts';
import type { LoadTestReport } from '../../shared/domain/load-test.ts';
import type { ModelSummary } from '../../shared/domain/model.ts';
import type { Tariff } from '../../shared/domain/plan.ts';
import type { Notice, SystemStatus } from '../../shared/domain/system.ts';
import type { ErrorValue, Result } from '../../shared/errors.ts';
import type { Api, Connection } from '../api.ts';

export type Loaded =
  | { readonly state: 'loading'; readonly sinceMs: number }
  | { readonly state: 'ready' }
  | { readonly state: 'failed'; readonly error: ErrorValue; readonly sinceMs: number };

export interface SlotSecond {
  readonly atMs: number;
  readonly live: number;
  readonly archive: number;
}

const slotHistorySeconds = 60;

/** What the host tells every window: loaded whole once (and after each reconnection), then kept up to date by events. */
export class ApplicationState {
  readonly #api: Api;
  #loaded = $state.raw<Loaded>({ state: 'loading', sinceMs: Date.now() });
  #connection = $state.raw<Connection>({ state: 'connecting' });
  #cameras = $state.raw<readonly Camera[]>([]);
  #jobs = $state.raw<readonly JobSummary[]>([]);
  #models = $state.raw<readonly ModelSummary[]>([]);
  #notices = $state.raw<readonly Notice[]>([]);
  #lanes = $state.raw<LanesSnapshot | null>(null);
  #system = $state.raw<SystemStatus | null>(null);
  #demo = $state.raw<Overview['demo']>(null);
  #tariff = $state.raw<Tariff | null>(null);
  #loginProtection = $state.raw<SecretsProtection | null>(null);
  #loadTest = $state.raw<LoadTestReport | null>(null);
  #slotHistory = $state.raw<readonly SlotSecond[]>([]);
  #found = $state.raw({ events: 0, detections: 0 });
  readonly #statuses = new SvelteMap<string, CameraStatus>();
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  /** A slow answer must not overwrite the one of a later question. */
  #loads = 0;

  constructor(api: Api) {
    this.#api = api;
  }

  get loaded(): Loaded {
    return this.#loaded;
  }
  get connection(): Connection {
    return this.#connection;
  }
  get cameras(): readonly Camera[] {
    return this.#cameras;
  }
  /** Newest first; what runs or waits comes before what has ended. */
  get jobs(): readonly JobSummary[] {
    return this.#jobs;
  }
  get models(): readonly ModelSummary[] {
    return this.#models;
  }
  get notices(): readonly Notice[] {
    return this.#notices;
  }
  get lanes(): LanesSnapshot | null {
    return this.#lanes;
  }
  get system(): SystemStatus | null {
    return this.#system;
  }
  get demo(): Overview['demo'] {
    return this.#demo;
  }
  /** Null: not loaded yet. */
  get loginProtection(): SecretsProtection | null {
    return this.#loginProtection;
  }
  get tariff(): Tariff | null {
    return this.#tariff;
  }
  /** The one that runs, or the newest that this window has heard of. */
  get loadTest(): LoadTestReport | null {
    return this.#loadTest;
  }
  /** The slot's last minute, one entry a second, oldest first. */
  get slotHistory(): readonly SlotSecond[] {
    return this.#slotHistory;
  }
  /** Grows with everything new under Review. */
  get found(): { readonly events: number; readonly detections: number } {
    return this.#found;
  }
  statusOf(cameraId: string): CameraStatus | null {
    return this.#statuses.get(cameraId) ?? null;
  }
  camera(cameraId: string): Camera | null {
    return this.#cameras.find((camera) => camera.id === cameraId) ?? null;
  }
  job(jobId: string): JobSummary | null {
    return this.#jobs.find((job) => job.id === jobId) ?? null;
  }

  call<K extends CallName>(name: K, input: CallInput<K>): Promise<Result<CallOutput<K>>> {
    return this.#api.call(name, input);
  }

  /** For views with state of their own. Returns its own undo. */
  onEvent(listener: (message: EventMessage) => void): () => void {
    return this.#api.onEvent(listener);
  }

  /** A job that this window changed: shown before its event comes. */
  takeJob(job: JobSummary): void {
    this.#jobs = sorted([...this.#jobs.filter((other) => other.id !== job.id), job]);
  }

  /** Lane settings that this window changed: shown before the next snapshot comes. */
  takeLaneSettings(settings: LaneSettings): void {
    if (this.#lanes !== null) this.#lanes = { ...this.#lanes, settings, mode: settings.mode };
  }

  takeTariff(tariff: Tariff): void {
    this.#tariff = tariff;
  }

  takeLoadTest(report: LoadTestReport | null): void {
    this.#loadTest = report;
  }

  async reload(): Promise<void> {
    clearTimeout(this.#retryTimer);
    this.#loads += 1;
    const load = this.#loads;
    const answer = await this.#api.call('app.overview', undefined);
    if (load !== this.#loads) return;
    if (answer.ok) {
      this.#take(answer.value);
      this.#loaded = { state: 'ready' };
      return;
    }
    const sinceMs = this.#loaded.state === 'failed' ? this.#loaded.sinceMs : Date.now();
    const isShutOut = answer.error.kind === 'unauthorised';
    // What was loaded stays visible while the host is away; the connection strip tells since when it is old.
    if (this.#loaded.state !== 'ready' || isShutOut) this.#loaded = { state: 'failed', error: answer.error, sinceMs };
    if (!isShutOut) {
      this.#retryTimer = setTimeout(() => {
        void this.reload();
      }, 3000);
    }
  }

  async refreshSystem(): Promise<Result<SystemStatus>> {
    const answer = await this.#api.call('system.status', undefined);
    if (answer.ok) this.#system = answer.value;
    return answer;
  }

  start(): () => void {
    const undo = [
      this.#api.onEvent((message) => {
        this.#heard(message);
      }),
      this.#api.onConnection((connection) => {
        const wasOpen = this.#connection.state === 'open';
        this.#connection = connection;
        // Also when it is lost: a call can tell a host that is away from one that does not know this window any more.
        if ((connection.state === 'open') !== wasOpen) void this.reload();
      }),
    ];
    return () => {
      clearTimeout(this.#retryTimer);
      for (const stop of undo) stop();
    };
  }

  #take(overview: Overview): void {
    this.#cameras = overview.cameras;
    this.#takeStatuses(overview.statuses);
    this.#jobs = sorted(overview.jobs);
    this.#models = overview.models;
    this.#notices = overview.notices;
    this.#lanes = overview.lanes;
    this.#system = overview.system;
    this.#demo = overview.demo;
    this.#tariff = overview.tariff;
    this.#loginProtection = overview.loginProtection;
  }

  #takeStatuses(statuses: readonly CameraStatus[]): void {
    for (const status of statuses) this.#statuses.set(status.cameraId, status);
    if (this.#statuses.size === statuses.length) return;
    for (const id of this.#statuses.keys()) {
      if (!statuses.some((status) => status.cameraId === id)) this.#statuses.delete(id);
    }
  }

  #heard(message: EventMessage): void {
    switch (message.event) {
      case 'lanes.snapshot':
        this.#takeLanes(message.payload);
        break;
      case 'cameras.status':
        this.#takeStatuses(message.payload);
        break;
      case 'cameras.changed':
        void this.reload();
        break;
      case 'jobs.progress':
        this.takeJob(message.payload);
        break;
      case 'engine.state':
        if (this.#system !== null) this.#system = { ...this.#system, engine: message.payload };
        break;
      case 'loadTest.progress':
        this.#loadTest = message.payload;
        break;
      case 'notices.changed':
        this.#notices = message.payload;
        break;
      case 'review.changed':
        this.#found = {
          events: this.#found.events + message.payload.events,
          detections: this.#found.detections + message.payload.detections,
        };
        break;
      case 'cameras.result':
      case 'playback.state':
      case 'wall.changed':
      case 'schedules.changed':
        // Heard by the parts that show them: LivePictures, Playback, WallState, SchedulesState.
        break;
    }
  }

  #takeLanes(lanes: Events['lanes.snapshot']): void {
    this.#lanes = lanes;
    const second = { atMs: lanes.atMs, live: lanes.slot.live, archive: lanes.slot.archive };
    this.#slotHistory = [...this.#slotHistory, second].slice(-slotHistorySeconds);
  }
}

const stateOrder: Readonly<Record<JobSummary['state'], number>> = {
  running: 0,
  enumerating: 0,
  paused: 1,
  queued: 1,
  failed: 2,
  done: 2,
  cancelled: 2,
};

function sorted(jobs: readonly JobSummary[]): readonly JobSummary[] {
  return jobs.toSorted((a, b) => stateOrder[a.state] - stateOrder[b.state] || b.createdAtMs - a.createdAtMs);
}
