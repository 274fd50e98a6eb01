import type { EngineEnd } from '../../core/jobs/suspects.ts';
import type { WorkShape } from '../../core/scheduler/work-shape.ts';
import type { LaneName } from '../../shared/domain/lanes.ts';
import { NightshiftError } from '../../shared/errors.ts';
import type { EngineHost } from '../engine-host/engine-host.ts';
import type { PreparedWork } from '../models/work.ts';
import type { Log } from '../ports.ts';

/** Sizes a lane may use on a CPU; more of the ladder is warmed where a device gains from it (32 is the widest that pays here). */
const LANE_SIZES: Readonly<Record<LaneName, readonly number[]>> = { live: [1, 2, 4], archive: [1, 2, 4, 8, 16, 32] };
/** The first run of a size pays for set-up and is not counted; the smallest sizes are the ones predictions lean on. */
const runsOf = (batch: number): number => (batch <= 4 ? 4 : 2);
const LOAD_LIMIT_MS = 60_000;
/** The call's own limit ends a stuck engine first: what was asked is then asked again in the next one. */
const ANSWER_LIMIT_MS = LOAD_LIMIT_MS + 30_000;
const CRASHES_ALLOWED = 2;

interface Step {
  readonly work: PreparedWork;
  readonly lane: LaneName;
  readonly batch: number;
}

const stepKey = ({ work, lane, batch }: Step): string => `${work.shape.costKey} ${lane} ${String(batch)}`;

export interface WarmUpOptions {
  readonly engine: EngineHost;
  readonly log: Log;
  /** With cameras on, the runs of a size are made one by one, so that frames get in between. */
  readonly camerasOn: () => boolean;
  /** Whether the lane has a use for `batch` now, and a run that takes about `expectedMs` may take the slot. */
  readonly mayRun: (lane: LaneName, batch: number, expectedMs: number) => boolean;
  readonly isWarmed: (shape: WorkShape, lane: LaneName, batch: number) => boolean;
  readonly warmed: (shape: WorkShape, lane: LaneName, batch: number, runMs: readonly number[]) => void;
  /** A step is over: the slot is free again. */
  readonly changed: () => void;
}

interface Wanted {
  readonly work: PreparedWork;
  readonly lane: LaneName;
  readonly waiters: { resolve: () => void; reject: (error: unknown) => void }[];
  /** This size could not be warmed; the smaller ones are used, also in the engines to come. */
  tooWide: number;
}

/**
 * Loads models and runs every size a lane may use before the lane may use it. The smallest size of a lane comes first
 * and lets its frames run; the wider ones follow when the slot has room for them. After an engine loss everything that
 * was wanted is loaded and warmed again.
 */
export class WarmUp {
  readonly #options: WarmUpOptions;
  /** By model, input and lane. */
  readonly #wanted = new Map<string, Wanted>();
  readonly #loaded = new Set<string>();
  #msPerFrame = 12;
  #running: Step | null = null;
  readonly #crashes = new Map<string, number>();
  /** Durations of the steps that are under way, in this engine. */
  readonly #samples = new Map<string, number[]>();
  #closed = false;
  #generation = 0;

  constructor(options: WarmUpOptions) {
    this.#options = options;
  }

  get isRunning(): boolean {
    return this.#running !== null;
  }

  /** Resolves once the smallest size of the lane is warm. Rejects where the model is refused. */
  ask(work: PreparedWork, lane: LaneName): Promise<void> {
    const key = `${work.shape.costKey} ${lane}`;
    let wanted = this.#wanted.get(key);
    if (wanted === undefined) {
      wanted = { work, lane, waiters: [], tooWide: Infinity };
      this.#wanted.set(key, wanted);
    }
    if (this.#options.isWarmed(work.shape, lane, 1)) return Promise.resolve();
    const { waiters } = wanted;
    return new Promise((resolve, reject) => {
      waiters.push({ resolve, reject });
      this.#options.changed();
    });
  }

  /** A job is about to run: the archive's wider sizes are worth their time now. */
  jobOpened(): void {
    this.#options.changed();
  }

  engineIsReady(): void {
    this.#options.changed();
  }

  /** A step during which the engine ended by itself twice is not tried a third time. */
  engineLost(end: EngineEnd): void {
    this.#generation += 1;
    this.#loaded.clear();
    this.#samples.clear();
    const step = this.#running;
    this.#running = null;
    if (step === null || end === 'ended-by-us' || end === 'ended-from-outside') return;
    const crashes = (this.#crashes.get(stepKey(step)) ?? 0) + 1;
    this.#crashes.set(stepKey(step), crashes);
    if (crashes < CRASHES_ALLOWED) return;
    this.#fail(
      step,
      new NightshiftError({
        kind: 'model-rejected',
        message: `${step.work.model.manifest.name} ended the engine twice while it was warmed at batch ${String(step.batch)}.`,
        where: step.work.model.file,
        hint: 'The model file may be damaged, or need more memory than there is.',
      }),
    );
  }

  close(): void {
    this.#closed = true;
  }

  /** Starts the next step if there is one and the slot is free for it; true when it did. */
  tryNext(): boolean {
    if (this.#running !== null || this.#closed || !this.#options.engine.isReady) return false;
    const step = this.#nextStep();
    if (step === null) {
      this.#options.engine.describe('ready', 'Ready');
      return false;
    }
    this.#running = step;
    void this.#run(step, this.#runsNow(step), this.#generation);
    return true;
  }

  /** The smallest step that may be taken now; the live lane's first. */
  #nextStep(): Step | null {
    let next: Step | null = null;
    for (const { work, lane, tooWide } of this.#wanted.values()) {
      const batch = LANE_SIZES[lane].find((size) => !this.#options.isWarmed(work.shape, lane, size));
      if (batch === undefined || batch >= tooWide) continue;
      const step = { work, lane, batch };
      if (!this.#options.mayRun(lane, batch, this.#msPerFrame * batch * this.#runsNow(step))) continue;
      if (next === null || batch < next.batch || (batch === next.batch && lane === 'live' && next.lane !== 'live'))
        next = step;
    }
    return next;
  }

  #runsNow(step: Step): number {
    return this.#options.camerasOn() ? 1 : runsOf(step.batch) - this.#samplesOf(step).length;
  }

  #samplesOf(step: Step): readonly number[] {
    return this.#samples.get(stepKey(step)) ?? [];
  }

  async #run(step: Step, runs: number, generation: number): Promise<void> {
    const { engine, log } = this.#options;
    const { work, lane, batch } = step;
    const { manifest } = work.model;
    try {
      if (!this.#loaded.has(manifest.id)) {
        engine.describe('warming', `Loading ${manifest.name}`);
        engine.callStarted(LOAD_LIMIT_MS, `Loading ${manifest.name}`);
        const { id: modelId } = manifest;
        const loaded = await engine.request(
          { type: 'load-model', modelId, file: work.model.file, manifest },
          ANSWER_LIMIT_MS,
        );
        if (generation !== this.#generation) return;
        engine.callEnded();
        this.#loaded.add(manifest.id);
        engine.providerChosen(loaded.provider, loaded.tried);
        log.info('model loaded', { model: manifest.id, provider: loaded.provider, loadMs: Math.round(loaded.loadMs) });
      }
      engine.describe('warming', `Warming ${manifest.name}, batch ${String(batch)}`);
      engine.callStarted(LOAD_LIMIT_MS, `Warming ${manifest.name} at batch ${String(batch)}`);
      const { id: modelId } = manifest;
      const { input } = work.shape;
      const { runMs } = await engine.request({ type: 'warm', modelId, lane, input, batch, runs }, ANSWER_LIMIT_MS);
      if (generation !== this.#generation) return;
      engine.callEnded();
      this.#msPerFrame = Math.min(...runMs) / batch;
      const samples = [...this.#samplesOf(step), ...runMs];
      this.#samples.set(stepKey(step), samples);
      if (samples.length >= runsOf(batch)) this.#options.warmed(work.shape, lane, batch, samples);
    } catch (caught) {
      if (generation !== this.#generation || this.#closed) return; // the engine went away: it is asked again when the next is ready
      engine.callEnded();
      log.error('warm-up failed', { model: manifest.id, lane, batch, error: String(caught) });
      this.#fail(step, caught);
    }
    this.#running = null;
    this.#tellWaiters();
    this.#options.changed();
  }

  /** Size 1 failed: nobody can use the model. A wider one failed: the lane goes on with the sizes it has. */
  #fail({ work, lane, batch }: Step, caught: unknown): void {
    const key = `${work.shape.costKey} ${lane}`;
    const wanted = this.#wanted.get(key);
    if (wanted === undefined) return;
    if (batch > 1) {
      wanted.tooWide = batch;
      return;
    }
    this.#wanted.delete(key);
    for (const waiter of wanted.waiters.splice(0)) waiter.reject(caught);
  }

  #tellWaiters(): void {
    for (const { work, lane, waiters } of this.#wanted.values()) {
      if (waiters.length === 0 || !this.#options.isWarmed(work.shape, lane, 1)) continue;
      for (const waiter of waiters.splice(0)) waiter.resolve();
    }
  }
}
