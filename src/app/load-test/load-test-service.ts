import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Camera, CameraStatus } from '../../shared/domain/camera.ts';
import type { LoadTestMinute, LoadTestReport, LoadTestSpec } from '../../shared/domain/load-test.ts';
import type { CameraNews } from '../../shared/engine/protocol.ts';
import { describeError, NightshiftError, toErrorValue } from '../../shared/errors.ts';
import type { CameraServiceDeps } from '../cameras/camera-service.ts';
import type { JobService } from '../jobs/job-service.ts';
import { prepareWork, type PreparedWork } from '../models/work.ts';
import { LatencyTally } from './latency-tally.ts';
import { broke, gaveOut, rampFps } from './ramp.ts';
import { writeLoadTest } from './report-files.ts';
import { ScanBeside } from './scan-beside.ts';
import { Stretch } from './stretch.ts';
import { TestCameras } from './test-cameras.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const RAMP_STEP_MS = 15_000;
/** Cameras are drawn, so they are there as soon as the model is warm. */
const OPEN_LIMIT_MS = 60_000;
/** After opening, until the rhythm of every camera is known. */
const SETTLE_MS = 2_000;
/** The histogram's own timer adds its resolution to every reading. */
const LOOP_RESOLUTION_MS = 1;

export interface LoadTestDeps extends CameraServiceDeps {
  readonly jobs: JobService;
  readonly reportsDir: string;
}

/** One load test at a time, on the real lanes and device; see `TestCameras` for what it leaves behind (nothing). */
export class LoadTestService {
  readonly #deps: LoadTestDeps;
  readonly #cameras: TestCameras;
  #report: LoadTestReport | null = null;
  #stopAsked = false;
  /** A trial, or the preparation of a test; null: neither goes on. */
  #atWork: Promise<unknown> | null = null;
  #wake: () => void = () => undefined;
  #ended: Promise<unknown> = Promise.resolve();

  constructor(deps: LoadTestDeps) {
    this.#deps = deps;
    this.#cameras = new TestCameras(deps);
  }

  /** Its cameras while they are open, for who learns from them; null where nothing can be learned from them. */
  get cameras(): { readonly opened: readonly Camera[]; readonly statuses: readonly CameraStatus[] } | null {
    const opened = this.#cameras.opened();
    return opened === null ? null : { opened, statuses: this.#cameras.statuses() };
  }

  get isRunning(): boolean {
    return this.#report?.state === 'running' || this.#atWork !== null;
  }

  /**
   * The cameras of such a test for a while, with no scan beside them and no report: shows what cameras cost. Ends early
   * where it is stopped; rejects where they do not open, with `conflict` while a test runs.
   */
  tryCameras(spec: LoadTestSpec, forMs: number): Promise<void> {
    return this.#alone(async () => {
      const work = await this.#prepare(spec);
      try {
        await this.#open(spec, spec.fps, work, () => undefined);
        await this.#pause(forMs);
      } finally {
        await this.#cameras.close();
      }
    });
  }

  get latest(): LoadTestReport | null {
    return this.#report;
  }

  /** `conflict` while another test runs. */
  start(spec: LoadTestSpec): Promise<LoadTestReport> {
    return this.#alone(async () => {
      const work = await this.#prepare(spec);
      const { models, clock } = this.#deps;
      const score = (await models.find(spec.modelId)).manifest.score;
      const scan = spec.scan === null ? null : new ScanBeside(this.#deps.jobs, { ...spec, path: spec.scan }, score);
      await scan?.start();
      this.#report = {
        id: `load-test-${new Date(clock.epochMs()).toISOString().slice(0, 19).replace(/[:T]/g, '-')}`,
        startedAtMs: clock.epochMs(),
        spec,
        state: 'running',
        reason: null,
        minutes: [],
        whole: null,
        gaveOut: null,
        files: null,
      };
      this.#ended = this.#run(spec, work, scan);
      return this.#report;
    });
  }

  /** Ends the one that runs, with the figures it has; also one that is only being prepared. */
  async stop(): Promise<LoadTestReport | null> {
    this.#stopAsked = true;
    this.#wake();
    // Why it could not begin is told to who wanted it.
    await this.#atWork?.catch(() => undefined);
    await this.#ended;
    return this.#report;
  }

  close(): Promise<unknown> {
    return this.stop();
  }

  message(message: CameraNews): boolean {
    return this.#cameras.message(message);
  }

  engineIsReady(): void {
    this.#cameras.engineIsReady();
  }

  engineLost(text: string): void {
    this.#cameras.engineLost(text);
  }

  /**
   * Does what only one may do at a time, and counts as running from the call on: of two that are asked for at once, the
   * second is refused. `conflict` while another test runs.
   */
  async #alone<T>(work: () => Promise<T>): Promise<T> {
    if (this.isRunning) {
      throw new NightshiftError({
        kind: 'conflict',
        message: 'A load test is running already.',
        hint: 'Stop it, or wait for its end.',
      });
    }
    this.#stopAsked = false;
    const atWork = work();
    this.#atWork = atWork;
    try {
      return await atWork;
    } finally {
      this.#atWork = null;
    }
  }

  /** How its cameras are run. */
  async #prepare(spec: LoadTestSpec): Promise<PreparedWork> {
    const model = await this.#deps.models.find(spec.modelId);
    return prepareWork(model, { tier: spec.tier, score: null, classes: null, fps: null }, this.#deps.store);
  }

  async #run(spec: LoadTestSpec, work: PreparedWork, scan: ScanBeside | null): Promise<void> {
    const { clock, log } = this.#deps;
    const whole = new LatencyTally();
    let end: Pick<LoadTestReport, 'state' | 'reason'>;
    try {
      const endMonoMs = clock.monoMs() + spec.minutes * MINUTE_MS;
      if (spec.ramp) await this.#ramp(spec, work, whole, endMonoMs, scan);
      else await this.#hold(spec, work, whole, scan);
      end = { state: this.#stopAsked ? 'stopped' : 'done', reason: null };
    } catch (caught) {
      const reason = describeError(toErrorValue(caught));
      log.error('the load test failed', { reason });
      end = { state: 'failed', reason };
    }
    await this.#cameras.close();
    await scan?.stop();
    const before = this.#report;
    if (before === null) return;
    const report: LoadTestReport = { ...before, ...end, whole: wholeOf(before.minutes, whole) };
    try {
      this.#change({ ...report, files: await writeLoadTest(report, this.#deps.reportsDir) });
    } catch (caught) {
      const { message } = toErrorValue(caught);
      log.error('the report of the load test could not be written', { error: message });
      this.#change({ ...report, reason: `Its report could not be written: ${message}` });
    }
  }

  /** The same load for as long as was asked for, a minute at a time. */
  async #hold(spec: LoadTestSpec, work: PreparedWork, whole: LatencyTally, scan: ScanBeside | null): Promise<void> {
    let stretch: Stretch | null = null;
    await this.#open(spec, spec.fps, work, (latencyMs) => {
      stretch?.latencies.add(latencyMs, spec.sloMs);
      if (stretch !== null) whole.add(latencyMs, spec.sloMs);
    });
    let leftMs = spec.minutes * MINUTE_MS;
    for (let minute = 1; leftMs > 0 && !this.#stopAsked; minute += 1) {
      const lengthMs = Math.min(MINUTE_MS, leftMs);
      leftMs -= lengthMs;
      stretch = new Stretch(this.#deps.clock.monoMs(), this.#cameras.statuses());
      await this.#watch(stretch, minute, spec.fps, lengthMs, scan);
    }
    // What comes while the cameras are closed belongs to no minute.
    stretch = null;
  }

  /** More and more, until the promise breaks or the time is over. */
  async #ramp(
    spec: LoadTestSpec,
    work: PreparedWork,
    whole: LatencyTally,
    endMonoMs: number,
    scan: ScanBeside | null,
  ): Promise<void> {
    for (let step = 0; this.#deps.clock.monoMs() < endMonoMs && !this.#stopAsked; step += 1) {
      const fps = rampFps(spec.fps, step);
      let stretch: Stretch | null = null;
      await this.#open(spec, fps, work, (latencyMs) => {
        stretch?.latencies.add(latencyMs, spec.sloMs);
        if (stretch !== null) whole.add(latencyMs, spec.sloMs);
      });
      stretch = new Stretch(this.#deps.clock.monoMs(), this.#cameras.statuses());
      const figures = await this.#watch(stretch, step + 1, fps, RAMP_STEP_MS, scan);
      stretch = null;
      await this.#cameras.close();
      if (this.#stopAsked) return;
      if (broke(figures)) {
        this.#change({ gaveOut: gaveOut(figures, spec.sloMs) });
        return;
      }
    }
    if (!this.#stopAsked) {
      this.#change({ gaveOut: `Nothing gave out in ${String(spec.minutes)} min: give it more time, or more cameras.` });
    }
  }

  async #open(
    spec: LoadTestSpec,
    fps: number,
    work: PreparedWork,
    measured: (latencyMs: number) => void,
  ): Promise<void> {
    const { clock } = this.#deps;
    this.#cameras.open(spec, fps, work, measured);
    const giveUpAt = clock.monoMs() + OPEN_LIMIT_MS;
    while (!this.#stopAsked && !this.#cameras.statuses().every(({ captured }) => captured > 0)) {
      if (clock.monoMs() > giveUpAt) {
        throw new NightshiftError({
          kind: 'internal',
          message: `Not every test camera gave a picture within ${String(OPEN_LIMIT_MS / 1000)} s.`,
          hint: 'Fewer cameras, or look in the log.',
        });
      }
      await this.#pause(100);
    }
    await this.#pause(SETTLE_MS);
  }

  async #watch(
    stretch: Stretch,
    minute: number,
    fps: number,
    lengthMs: number,
    scan: ScanBeside | null,
  ): Promise<LoadTestMinute> {
    const { clock, lanes, engine } = this.#deps;
    const before = this.#report?.minutes ?? [];
    const delay = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
    delay.enable();
    let figures: LoadTestMinute;
    do {
      await this.#pause(Math.min(SECOND_MS, Math.max(0, lengthMs - stretch.lengthMs(clock.monoMs()))));
      stretch.second(lanes.snapshot(), {
        hostBytes: process.memoryUsage().rss,
        engineBytes: engine.state.residentBytes,
        mainLoopP99Ms: Math.max(0, delay.percentile(99) / 1e6 - LOOP_RESOLUTION_MS),
      });
      await scan?.keepGoing();
      figures = stretch.figures(minute, fps, clock.monoMs(), this.#cameras.statuses());
      this.#change({ minutes: [...before, figures] });
    } while (stretch.lengthMs(clock.monoMs()) < lengthMs && !this.#stopAsked);
    delay.disable();
    return figures;
  }

  #pause(ms: number): Promise<void> {
    if (this.#stopAsked) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #change(change: Partial<LoadTestReport>): void {
    if (this.#report === null) return;
    this.#report = { ...this.#report, ...change };
    this.#deps.bus.emit('loadTest.progress', this.#report);
  }
}

/** All minutes together; quantiles over all frames, the machine's figures at their worst. */
function wholeOf(minutes: readonly LoadTestMinute[], latencies: LatencyTally): LoadTestReport['whole'] {
  const last = minutes[minutes.length - 1];
  if (last === undefined) return null;
  const sum = (of: (minute: LoadTestMinute) => number): number => minutes.reduce((total, one) => total + of(one), 0);
  const seconds = sum((one) => one.seconds);
  const mean = (of: (minute: LoadTestMinute) => number): number => sum((one) => of(one) * one.seconds) / seconds;
  const dropped: Record<string, number> = {};
  for (const one of minutes)
    for (const [reason, count] of Object.entries(one.dropped)) dropped[reason] = (dropped[reason] ?? 0) + count;
  const settled = latencies.results + Object.values(dropped).reduce((total, count) => total + count, 0);
  const engine = minutes.flatMap(({ engineBytes }) => (engineBytes === null ? [] : [engineBytes]));
  return {
    seconds,
    cameras: last.cameras,
    fps: mean((one) => one.fps),
    captured: sum((one) => one.captured),
    analysed: sum((one) => one.analysed),
    dropped,
    latencyMs: latencies.quantiles(),
    sloAttainment: settled === 0 ? 0 : latencies.inTime / settled,
    archivePerSecond: mean((one) => one.archivePerSecond),
    slotShare: { live: mean((one) => one.slotShare.live), archive: mean((one) => one.slotShare.archive) },
    hostBytes: Math.max(...minutes.map(({ hostBytes }) => hostBytes)),
    engineBytes: engine.length === 0 ? null : Math.max(...engine),
    mainLoopP99Ms: Math.max(...minutes.map(({ mainLoopP99Ms }) => mainLoopP99Ms)),
  };
}
