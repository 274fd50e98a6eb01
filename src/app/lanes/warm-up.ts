import type { EngineEnd } from '../../core/jobs/suspects.ts';
import type { WorkShape } from '../../core/scheduler/work-shape.ts';
import type { Calibration, CalibrationEnd, LaneName } from '../../shared/domain/lanes.ts';
import { NightshiftError } from '../../shared/errors.ts';
import type { EngineHost } from '../engine-host/engine-host.ts';
import type { PreparedWork } from '../models/work.ts';
import type { Log } from '../ports.ts';
import { LadderCalibration } from './calibration.ts';
import { laneSizes, nextSize, type LadderStep } from './ladder.ts';
import type { WarmUpWorth } from './warm-up-worth.ts';

/** The first run of a size pays for set-up and is not counted; the smallest sizes are the ones predictions lean on. */
const runsOf = (lane: LaneName, batch: number): number => (batch === 1 || (lane === 'live' && batch <= 4) ? 4 : 2);
const LOAD_LIMIT_MS = 60_000;
/** The call's own limit ends a stuck engine first: what was asked is then asked again in the next one. */
const ANSWER_LIMIT_MS = LOAD_LIMIT_MS + 30_000;
const CRASHES_ALLOWED = 2;
/** Whose smallest size has waited so long takes turns with live frames: where they leave no moment, it would never run. */
const PATIENCE_MS = 2_000;

const wantedKey = ({ shape }: PreparedWork, lane: LaneName): string => `${shape.costKey} ${lane}`;
const stepKey = ({ work, lane, batch }: LadderStep): string => `${wantedKey(work, lane)} ${String(batch)}`;

export interface WarmUpOptions {
  readonly engine: EngineHost;
  readonly log: Log;
  readonly nowMonoMs: () => number;
  /** With cameras on, the runs of a size are made one by one, so that frames get in between. */
  readonly camerasOn: () => boolean;
  /** Whether the lane has a use for `batch` now, and a run that takes about `expectedMs` may take the slot. */
  readonly mayRun: (lane: LaneName, batch: number, expectedMs: number) => boolean;
  /** Whether a wider archive size repays its warm-up, or stays within its share of what was run; see `WarmUpWorth`. */
  readonly worth: Pick<WarmUpWorth, 'isWorthIt' | 'expectedMs' | 'warmed'>;
  /** Median duration of a size as far as it is known, also of another engine or process. */
  readonly knownMs: (shape: WorkShape, lane: LaneName, batch: number) => number | null;
  /** Why a run of a calibration has to wait; null: it may take the slot. It breaks no promise and takes no frame's turn. */
  readonly mayCalibrate: (step: LadderStep, expectedMs: number, loaded: boolean) => string | null;
  /** The engine may hold twice what it holds now. */
  readonly hasMemoryToDouble: () => boolean;
  /** Median duration of a size that is warm in this engine; null where it is not. */
  readonly runMs: (shape: WorkShape, lane: LaneName, batch: number) => number | null;
  /** Sizes of the lane up to this are used for what was set by hand, whatever they gain; 1: nothing was. */
  readonly pinned: (lane: LaneName) => number;
  /** The slot works on runs of a step from now on, and until it is told that it does no more. */
  readonly began: (step: LadderStep, runs: number, expectedMs: number, calibrates: boolean) => void;
  readonly ended: () => void;
  readonly warmed: (shape: WorkShape, lane: LaneName, batch: number, runMs: readonly number[]) => void;
  /** A calibration has measured a size; it is warm as any other. */
  readonly calibrated: (shape: WorkShape, lane: LaneName, batch: number, runMs: readonly number[]) => void;
  /** It is over, this far; `failure`: why before its end. */
  readonly calibrationEnded: (last: Calibration, end: CalibrationEnd['end'], failure: unknown) => void;
  /** A step is over: the slot is free again. */
  readonly changed: () => void;
}

interface Wanted {
  readonly work: PreparedWork;
  readonly lane: LaneName;
  /** Pictures of this size came. Until then it is known by its smallest batch only: most models see other sizes. */
  inUse: boolean;
  /** The widest batch that somebody asked for by name. */
  upTo: number;
  readonly waiters: { upTo: number; resolve: () => void; reject: (error: unknown) => void }[];
  /** Who doubts what is known of the smallest size; it is run once more for all of them. */
  readonly doubters: { resolve: () => void; reject: (error: unknown) => void }[];
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
  #running: LadderStep | null = null;
  readonly #crashes = new Map<string, number>();
  /** Durations of the steps that are under way, in this engine. */
  readonly #samples = new Map<string, number[]>();
  #calibration: LadderCalibration | null = null;
  /** The running step is a run of the calibration. */
  #calibrates = false;
  /** Somebody waits for a smallest size since then. */
  #waitedForSinceMonoMs: number | null = null;
  #closed = false;
  #generation = 0;

  constructor(options: WarmUpOptions) {
    this.#options = options;
  }

  get isRunning(): boolean {
    return this.#running !== null;
  }

  /** Pictures of this size are there: its wider batches are worth their time. Resolves once the smallest one is warm. */
  use(work: PreparedWork, lane: LaneName): Promise<void> {
    const asked = this.ask(work, lane, 1);
    const wanted = this.#wanted.get(wantedKey(work, lane));
    if (wanted !== undefined) wanted.inUse = true;
    return asked;
  }

  /** Resolves once the batches of the lane up to `upTo` are warm. Rejects where the model is refused. */
  ask(work: PreparedWork, lane: LaneName, upTo: number): Promise<void> {
    const wanted = this.#wantedOf(work, lane);
    if (upTo > 1) wanted.inUse = true;
    wanted.upTo = Math.max(wanted.upTo, upTo);
    if (this.#areWarm(wanted, upTo)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      wanted.waiters.push({ upTo, resolve, reject });
      this.#begin();
    });
  }

  /** Runs the smallest size of the lane once more, whatever is known of it; resolves when that is measured. */
  askAgain(work: PreparedWork, lane: LaneName): Promise<void> {
    const { doubters } = this.#wantedOf(work, lane);
    return new Promise((resolve, reject) => {
      doubters.push({ resolve, reject });
      this.#begin();
    });
  }

  /** A smallest size has waited so long that the next step goes before a live frame. */
  get isOverdue(): boolean {
    const sinceMonoMs = this.#waitedForSinceMonoMs;
    return sinceMonoMs !== null && this.#options.nowMonoMs() - sinceMonoMs >= PATIENCE_MS;
  }

  #wantedOf(work: PreparedWork, lane: LaneName): Wanted {
    const key = wantedKey(work, lane);
    const known = this.#wanted.get(key);
    if (known !== undefined) return known;
    const wanted: Wanted = { work, lane, inUse: false, upTo: 1, waiters: [], doubters: [], tooWide: Infinity };
    this.#wanted.set(key, wanted);
    return wanted;
  }

  #begin(): void {
    this.#noteWaiting();
    this.#options.changed();
  }

  /** From the first that waits for a smallest size until nobody does. */
  #noteWaiting(): void {
    const waits = [...this.#wanted.values()].some(
      (wanted) => wanted.doubters.length > 0 || (wanted.waiters.length > 0 && !this.#areWarm(wanted, 1)),
    );
    this.#waitedForSinceMonoMs = waits ? (this.#waitedForSinceMonoMs ?? this.#options.nowMonoMs()) : null;
  }

  get calibration(): Calibration | null {
    return this.#calibration?.progress() ?? null;
  }

  /** Measures every size of the ladder, one run at a time where there is room. `conflict` while that is being done already. */
  calibrate(work: PreparedWork, startedAtMs: number): void {
    const running = this.calibration;
    if (running !== null) {
      throw new NightshiftError({
        kind: 'conflict',
        message: `${running.modelId} at ${running.input} is being measured already.`,
        hint: 'Wait for its end, or stop it.',
      });
    }
    this.#calibration = new LadderCalibration(work, startedAtMs);
    this.#options.changed();
  }

  /** The run that is under way is the last one. */
  stopCalibration(): void {
    const last = this.calibration;
    this.#calibration = null;
    if (last !== null) this.#options.calibrationEnded(last, 'stopped', null);
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
    const calibrates = this.#calibrates;
    this.#running = null;
    this.#calibrates = false;
    if (step === null || end === 'ended-by-us' || end === 'ended-from-outside') return;
    const crashes = (this.#crashes.get(stepKey(step)) ?? 0) + 1;
    this.#crashes.set(stepKey(step), crashes);
    if (crashes < CRASHES_ALLOWED) return;
    const fail = calibrates ? this.#calibrationFailed.bind(this) : this.#fail.bind(this);
    fail(
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
  tryNext(mayCalibrate = true): boolean {
    if (this.#running !== null || this.#closed || !this.#options.engine.isReady) return false;
    let step = this.#nextStep();
    this.#calibrates = step === null;
    if (mayCalibrate) step ??= this.#nextCalibration();
    if (step === null) {
      if (this.#calibration === null) this.#options.engine.describe('ready', 'Ready');
      return false;
    }
    this.#running = step;
    void this.#run(step, this.#calibrates ? 1 : this.#runsNow(step), this.#generation);
    return true;
  }

  /** The smallest step that may be taken now; the live lane's first. */
  #nextStep(): LadderStep | null {
    let next: LadderStep | null = null;
    for (const { work, lane, inUse, upTo, tooWide, doubters } of this.#wanted.values()) {
      const pinned = Math.max(upTo, this.#options.pinned(lane));
      const view = {
        lane,
        runMs: (size: number) => this.#options.runMs(work.shape, lane, size),
        knownMs: (size: number) => this.#options.knownMs(work.shape, lane, size),
        pinned,
        tooWide,
      };
      const batch = doubters.length > 0 ? 1 : nextSize(view);
      if (batch === null || (batch > 1 && !inUse)) continue;
      const step = { work, lane, batch };
      if (!this.#options.mayRun(lane, batch, this.#expectedMs(step) * this.#runsNow(step))) continue;
      if (batch > pinned && lane === 'archive' && !this.#isWorthIt(step)) continue;
      if (next === null || batch < next.batch || (batch === next.batch && lane === 'live' && next.lane !== 'live'))
        next = step;
    }
    return next;
  }

  /** The next run of the calibration, if there is room for it now. */
  #nextCalibration(): LadderStep | null {
    const calibration = this.#calibration;
    if (calibration === null) return null;
    while (!calibration.fits(this.#options.hasMemoryToDouble())) calibration.leaveOut();
    const step = calibration.next;
    if (step === null) {
      this.#calibration = null;
      this.#options.calibrationEnded(calibration.progress(), 'done', null);
      return null;
    }
    const expectedMs = calibration.expectedMs ?? this.#msPerFrame * step.batch;
    const isLoaded = this.#loaded.has(step.work.model.manifest.id);
    const why = this.#options.mayCalibrate(step, expectedMs, isLoaded);
    // A model is loaded in seconds: that waits for the cameras' end, whatever it takes.
    calibration.waits(why, isLoaded ? this.#options.nowMonoMs() : null);
    if (why === null) return step;
    return calibration.next === null ? this.#nextCalibration() : null;
  }

  #isWorthIt(step: LadderStep): boolean {
    return this.#options.worth.isWorthIt(step.work.shape, step.batch, this.#expectedMs(step) * this.#runsLeft(step));
  }

  /** One run of the step. */
  #expectedMs({ work, lane, batch }: LadderStep): number {
    const { worth, knownMs } = this.#options;
    const byLane = lane === 'archive' ? worth.expectedMs(work.shape, batch) : knownMs(work.shape, lane, batch);
    return byLane ?? this.#msPerFrame * batch;
  }

  #runsNow(step: LadderStep): number {
    return this.#options.camerasOn() ? 1 : this.#runsLeft(step);
  }

  /** Of a size that is measured once more, one. */
  #runsLeft(step: LadderStep): number {
    return Math.max(1, runsOf(step.lane, step.batch) - this.#samplesOf(step).length);
  }

  #samplesOf(step: LadderStep): readonly number[] {
    return this.#samples.get(stepKey(step)) ?? [];
  }

  async #run(step: LadderStep, runs: number, generation: number): Promise<void> {
    const { engine, log } = this.#options;
    const { work, lane, batch } = step;
    const { manifest } = work.model;
    try {
      if (!this.#loaded.has(manifest.id)) {
        engine.describe('warming', `Loading ${manifest.name}`);
        engine.callStarted(LOAD_LIMIT_MS, `Loading ${manifest.name}`);
        const { providers, loadMs } = await engine.loadModel(work.model, ANSWER_LIMIT_MS);
        if (generation !== this.#generation) return;
        engine.callEnded();
        this.#loaded.add(manifest.id);
        log.info('model loaded', { model: manifest.id, ...providers, loadMs: Math.round(loadMs) });
      }
      // What is measured delays nobody, so it is no warm-up to those who look at the engine.
      if (this.#calibrates) engine.describe('ready', `Measuring ${manifest.name}, batch ${String(batch)}`);
      else engine.describe('warming', `Warming ${manifest.name}, batch ${String(batch)}`);
      engine.callStarted(LOAD_LIMIT_MS, `Warming ${manifest.name} at batch ${String(batch)}`);
      const { id: modelId } = manifest;
      const { input } = work.shape;
      this.#options.began(step, runs, this.#expectedMs(step) * runs, this.#calibrates);
      const { runMs } = await engine.request({ type: 'warm', modelId, lane, input, batch, runs }, ANSWER_LIMIT_MS);
      if (generation !== this.#generation) return;
      this.#options.ended();
      engine.callEnded();
      this.#msPerFrame = Math.min(...runMs) / batch;
      if (this.#calibrates) this.#calibrated(step, runMs);
      else this.#warmedOnce(step, runMs);
    } catch (caught) {
      if (generation !== this.#generation || this.#closed) return; // the engine went away: it is asked again when the next is ready
      this.#options.ended();
      engine.callEnded();
      log.error('warm-up failed', { model: manifest.id, lane, batch, error: String(caught) });
      if (this.#calibrates) this.#calibrationFailed(step, caught);
      else this.#fail(step, caught);
    }
    this.#running = null;
    this.#calibrates = false;
    this.#tellWaiters();
    this.#options.changed();
  }

  #warmedOnce(step: LadderStep, runMs: readonly number[]): void {
    const { work, lane, batch } = step;
    const before = this.#samplesOf(step);
    const wasWarm = before.length >= runsOf(lane, batch);
    const samples = wasWarm ? runMs : [...before, ...runMs];
    if (!wasWarm) this.#samples.set(stepKey(step), [...samples]);
    const slotMs = runMs.reduce((sum, one) => sum + one, 0);
    if (lane === 'archive' && batch > 1) this.#options.worth.warmed(work.shape, slotMs);
    if (!wasWarm && samples.length < runsOf(lane, batch)) return;
    this.#options.warmed(work.shape, lane, batch, samples);
    if (batch > 1) return;
    for (const doubter of this.#wanted.get(wantedKey(work, lane))?.doubters.splice(0) ?? []) doubter.resolve();
  }

  /** A calibration that was stopped during the run has no use for it. */
  #calibrated({ work, lane, batch }: LadderStep, runMs: readonly number[]): void {
    const { next } = this.#calibration ?? { next: null };
    if (next?.work !== work || next.lane !== lane || next.batch !== batch) return;
    const measured = runMs[0] === undefined ? null : this.#calibration?.ran(runMs[0]);
    if (measured) this.#options.calibrated(work.shape, lane, batch, measured);
  }

  #calibrationFailed({ work, batch }: LadderStep, caught: unknown): void {
    if (this.#calibration?.work !== work) return;
    if (batch > 1) {
      this.#calibration.leaveOut();
      return;
    }
    const last = this.#calibration.progress();
    this.#calibration = null;
    this.#options.calibrationEnded(last, 'failed', caught);
  }

  /** Size 1 failed: nobody can use the model. A wider one failed: the lane goes on with the sizes it has. */
  #fail({ work, lane, batch }: LadderStep, caught: unknown): void {
    const key = wantedKey(work, lane);
    const wanted = this.#wanted.get(key);
    if (wanted === undefined) return;
    if (batch > 1) {
      wanted.tooWide = batch;
      return;
    }
    this.#wanted.delete(key);
    for (const waiter of [...wanted.waiters.splice(0), ...wanted.doubters.splice(0)]) waiter.reject(caught);
    this.#noteWaiting();
  }

  #tellWaiters(): void {
    for (const wanted of this.#wanted.values()) {
      for (const waiter of wanted.waiters.splice(0)) {
        if (this.#areWarm(wanted, waiter.upTo)) waiter.resolve();
        else wanted.waiters.push(waiter);
      }
    }
    this.#noteWaiting();
  }

  /** A size that cannot be warmed is not waited for. */
  #areWarm({ work, lane, tooWide }: Wanted, upTo: number): boolean {
    const sizes = laneSizes(lane).filter((size) => size === 1 || (size <= upTo && size < tooWide));
    return sizes.every((size) => this.#options.runMs(work.shape, lane, size) !== null);
  }
}
