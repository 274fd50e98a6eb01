import { availableParallelism } from 'node:os';
import { runCores } from '../../core/planner/core-room.ts';
import { planCapacity, type CapacityFacts, type PlannedCamera } from '../../core/planner/capacity.ts';
import { createPaceWindow, lookAtPace } from '../../core/planner/pace-window.ts';
import type { ProcessorPace } from '../../core/planner/processor-window.ts';
import type { Clock } from '../../core/ports.ts';
import { inputText } from '../../core/scheduler/work-shape.ts';
import type { Calibration, LanesSnapshot } from '../../shared/domain/lanes.ts';
import { loadTestSpecSchema } from '../../shared/domain/load-test.ts';
import type { TierName } from '../../shared/domain/model.ts';
import { tariffSchema, type CapacityAnswer, type CapacityQuestion, type Tariff } from '../../shared/domain/plan.ts';
import type { ItemNews } from '../../shared/engine/protocol.ts';
import type { StoreClient } from '../../store/operations.ts';
import type { CameraService } from '../cameras/camera-service.ts';
import type { EngineHost } from '../engine-host/engine-host.ts';
import type { JobService } from '../jobs/job-service.ts';
import type { LaneHost } from '../lanes/lane-host.ts';
import type { ModelService } from '../models/model-service.ts';
import { prepareWork, type PreparedWork } from '../models/work.ts';
import type { Log } from '../ports.ts';
import type { LoadTestService } from '../load-test/load-test-service.ts';
import { kindOf, liveFacts, workOfAll, type LiveCameraFacts } from './live-camera-facts.ts';
import { MeasuredPaces, type CameraKind } from './measured-paces.ts';
import { NightMeasure } from './night-measure.ts';
import { costsOf, workKey } from './planned-work.ts';
import { ProcessorMeter } from './processor-meter.ts';

const TARIFF_KEY = 'tariff';
/** Where no camera has shown its own: as the demo night, with which decoding is measured. */
const USUAL_PICTURE = { width: 640, height: 480 } as const;
/** Below this share of the slot, a live frame waits for its own decoding and for hardly anything else. */
const QUIET_SLOT_SHARE = 0.4;
/** A run that was so far from its plan was disturbed by something else. */
const BELIEVED = { least: 0.1, most: 3 } as const;
/** A scan that makes less a second waits for something else than this machine. */
const LEAST_PACE = 1;
/** Tried after a calibration: enough frames to be believed, few enough to wait for themselves only. */
const triedCameras = { cameras: 4, fps: 5, sloMs: 200 } as const;
const TRY_CAMERAS_MS = 12_000;
/** Of what is shown as the night's progress. */
const TRY_SHARE = 0.4;

export interface CapacityServiceDeps {
  readonly store: StoreClient;
  readonly engine: EngineHost;
  readonly lanes: LaneHost;
  readonly models: ModelService;
  readonly cameras: Pick<CameraService, 'list' | 'statuses'>;
  readonly jobs: Pick<JobService, 'list'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Footage to measure decoding with; null: a build without it. */
  readonly nightPath: string | null;
  /** Drawn cameras, which are none of the data folder's: they teach as others do, and are tried after a calibration. */
  readonly tests: Pick<LoadTestService, 'cameras' | 'isRunning' | 'tryCameras' | 'stop'>;
  /** Processor time that this process has used, in core-ms. */
  readonly ownProcessorMs: () => number;
}

/**
 * What the planner knows of this machine: costs of the ladder from the lanes, and what scans really made of the device,
 * which it learns from every scan while nothing else changes, and from the demo night after a calibration.
 */
export class CapacityService {
  readonly #deps: CapacityServiceDeps;
  readonly #paces: MeasuredPaces;
  readonly #window = createPaceWindow();
  readonly #processor: ProcessorMeter;
  /** Input size of works that were asked about, as it stands in their costs. */
  readonly #inputs = new Map<string, string>();
  #tariff: Tariff = tariffSchema.parse({});
  #asked: { work: PreparedWork; tier: TierName } | null = null;
  #night: {
    readonly measure: NightMeasure;
    readonly work: string;
    readonly calibration: Omit<Calibration, 'done'>;
    readonly ended: Promise<void>;
    triesCamerasSinceMonoMs: number | null;
  } | null = null;

  constructor(deps: CapacityServiceDeps) {
    this.#deps = deps;
    this.#paces = new MeasuredPaces(deps.store);
    this.#processor = new ProcessorMeter(deps.engine, deps.ownProcessorMs);
  }

  async load(): Promise<void> {
    const text = await this.#deps.store.call('settings.get', { key: TARIFF_KEY });
    const parsed = text === null ? null : tariffSchema.safeParse(JSON.parse(text));
    if (parsed?.success === true) this.#tariff = parsed.data;
    await this.#paces.load();
  }

  get tariff(): Tariff {
    return this.#tariff;
  }

  async setTariff(tariff: Tariff): Promise<Tariff> {
    await this.#deps.store.call('settings.set', { key: TARIFF_KEY, value: JSON.stringify(tariff) });
    this.#tariff = tariff;
    return tariff;
  }

  /** How this model is run, and how it is run on pictures of the usual shape: what is calibrated, and planned with. */
  async workOf(modelId: string, tier: TierName): Promise<{ whole: PreparedWork; usual: PreparedWork }> {
    const { models, store, cameras } = this.#deps;
    const choice = { tier, score: null, classes: null, fps: null };
    const whole = await prepareWork(await models.find(modelId), choice, store);
    const seen = cameras.statuses().find(({ width, height }) => width !== null && height !== null);
    const usual = whole.fitted(seen?.width ?? USUAL_PICTURE.width, seen?.height ?? USUAL_PICTURE.height);
    this.#inputs.set(workKey(whole.shape.modelId, tier), inputText(usual.shape.input));
    return { whole, usual };
  }

  async capacity({ modelId, tier, cameras, nightHours }: CapacityQuestion): Promise<CapacityAnswer> {
    const { whole } = await this.workOf(modelId, tier);
    return planCapacity(this.#facts(workKey(whole.shape.modelId, tier), cameras ?? this.#camerasOn(), nightHours));
  }

  /** Share of the slot that a camera of this model and tier takes; null where its model was not measured. */
  async slotShareOf(camera: { modelId: string; tier: TierName; fps: number }): Promise<number | null> {
    const { modelId, tier, fps } = camera;
    const question = { modelId, tier, nightHours: 8, cameras: [{ name: 'one', fps, sloMs: 200 }] };
    const { measured, liveLoad } = await this.capacity(question);
    return measured ? liveLoad : null;
  }

  /** What is measured next is measured of this work. */
  calibrationAsked(work: PreparedWork, tier: TierName): void {
    this.stopMeasuring();
    this.#asked = { work, tier };
  }

  /** The ladder is measured: now the same device with decoding beside it, where nobody else uses it. */
  ladderMeasured(): void {
    const { nightPath, engine, lanes, clock, log } = this.#deps;
    const asked = this.#asked;
    this.#asked = null;
    if (asked === null || nightPath === null || !this.#isAlone()) return;
    const { work, tier } = asked;
    const measure = new NightMeasure({ engine, lanes, clock });
    const { modelId, input } = work.shape;
    const key = workKey(modelId, tier);
    const ended = measure
      .run(work, nightPath)
      .then(async (imagesPerSecond) => {
        // A camera or a scan that joined meanwhile took a part of it.
        if (imagesPerSecond === null || !this.#isAlone()) return;
        this.#paces.alone(key, imagesPerSecond, clock.epochMs());
        log.info('pace measured end to end', { modelId, tier, imagesPerSecond: Math.round(imagesPerSecond) });
        await this.#tryCameras(modelId, tier);
      })
      .catch((caught: unknown) => {
        log.warn('the pace could not be measured', { modelId, error: String(caught) });
      })
      .finally(() => (this.#night = null));
    const startedAtMs = clock.epochMs();
    const calibration = { modelId, input: inputText(input), steps: 100, batch: 0, startedAtMs, waitsFor: null };
    this.#night = { measure, work: key, calibration, ended, triesCamerasSinceMonoMs: null };
  }

  /** What a camera costs beside its runs, and how long a frame is on its way: drawn ones alone, for a moment. */
  async #tryCameras(modelId: string, tier: TierName): Promise<void> {
    const { tests, clock } = this.#deps;
    if (this.#night === null || tests.isRunning) return;
    this.#night.triesCamerasSinceMonoMs = clock.monoMs();
    await tests.tryCameras(loadTestSpecSchema.parse({ ...triedCameras, modelId, tier }), TRY_CAMERAS_MS);
  }

  stopMeasuring(): void {
    this.#asked = null;
    this.#night?.measure.stop();
    if (this.#night !== null && this.#night.triesCamerasSinceMonoMs !== null) void this.#deps.tests.stop();
  }

  /** The measuring of the night, in the form of a calibration's progress; null: there is none. */
  get calibration(): Calibration | null {
    if (this.#night === null) return null;
    const { measure, calibration, triesCamerasSinceMonoMs } = this.#night;
    const tried =
      triesCamerasSinceMonoMs === null ? 0 : (this.#deps.clock.monoMs() - triesCamerasSinceMonoMs) / TRY_CAMERAS_MS;
    const share = (1 - TRY_SHARE) * measure.progress + TRY_SHARE * Math.min(1, tried);
    return { ...calibration, done: Math.floor(share * calibration.steps) };
  }

  itemNews(news: ItemNews): boolean {
    return this.#night?.measure.itemNews(news) ?? false;
  }

  /** Once a second: learns from what runs. */
  look(lanes: LanesSnapshot): void {
    const job = this.#runningJob();
    const cameras = this.#liveCameras();
    const beside = `${lanes.mode} ${String(lanes.instances.now)} ${cameras.map(({ key }) => key).join(' ')}`;
    const isDisturbed = this.#isDisturbed(lanes);
    const atMonoMs = this.#deps.clock.monoMs();
    const pace = lookAtPace(this.#window, {
      atMonoMs,
      frames: lanes.archive.frames,
      job: isDisturbed || this.#night !== null ? null : job,
      beside,
    });
    if (pace !== null) this.#learn(pace.work, pace.imagesPerSecond, cameras, lanes);

    const scan = this.#night === null ? job : { id: 'night', work: this.#night.work };
    const archive = this.#night !== null && this.#night.triesCamerasSinceMonoMs !== null ? null : scan;
    const used = this.#processor.look({
      atMonoMs,
      liveFrames: lanes.live.frames,
      archiveFrames: lanes.archive.frames,
      beside: `${beside} ${archive?.id ?? '-'}${isDisturbed ? ` ${String(atMonoMs)}` : ''}`,
    });
    if (used !== null && !isDisturbed) this.#learnProcessor(used, archive?.work ?? null, cameras);
    if (archive === null && !isDisturbed) this.#learnAnnouncement(lanes, cameras);
  }

  async close(): Promise<void> {
    this.stopMeasuring();
    await this.#night?.ended;
    await this.#paces.save();
  }

  #learn(work: string, imagesPerSecond: number, cameras: readonly LiveCameraFacts[], lanes: LanesSnapshot): void {
    if (imagesPerSecond <= 0) return;
    if (cameras.length === 0) {
      this.#paces.alone(work, imagesPerSecond, this.#deps.clock.epochMs());
      return;
    }
    // Loads of several models do not add up to one that can be compared.
    if (cameras.some((camera) => workKey(camera.modelId, camera.tier) !== work)) return;
    const kind = kindOf(cameras);
    if (!this.#inputs.has(work) || kind === null) return;
    const { mode } = lanes;
    const facts = this.#facts(work, cameras, 8, kind);
    const ideal = planCapacity({ ...facts, keptShare: 1, archiveFloorShare: 0 }).archivePerSecond;
    if (isWithin(BELIEVED, imagesPerSecond / ideal)) this.#paces.beside(work, mode, imagesPerSecond / ideal);
    const planned = planCapacity({ ...facts, lateShare: null }).predictedLiveP95Ms;
    const late = cameras.flatMap(({ p95Ms }) => (p95Ms === null ? [] : [p95Ms]));
    if (planned === null || late.length < cameras.length) return;
    // Over the frames of all cameras it is near that of the latest one: an average would hide who always comes second.
    const share = Math.max(...late) / planned;
    if (isWithin(BELIEVED, share)) this.#paces.late(work, kind, mode, share);
  }

  #learnProcessor(used: ProcessorPace, scanned: string | null, cameras: readonly LiveCameraFacts[]): void {
    const { coreMsPerSecond, archivePerSecond, livePerSecond } = used;
    if (coreMsPerSecond <= 0) return;
    if (cameras.length === 0) {
      if (scanned === null || archivePerSecond < LEAST_PACE) return;
      this.#paces.processor(scanned, { coreMsPerSecond, pictureMs: coreMsPerSecond / archivePerSecond });
      return;
    }
    const work = workOfAll(cameras);
    const kind = kindOf(cameras);
    if (work === null || kind === null || !this.#inputs.has(work) || (scanned !== null && scanned !== work)) return;
    const { processor } = this.#facts(work, cameras, 8, kind);
    // Beside a scan it is what the scan does not explain: better than nothing, but no match for cameras alone.
    if (scanned !== null && (processor.archive === null || processor.cameraSecondMs !== null)) return;
    const archiveMs = scanned === null ? 0 : archivePerSecond * (processor.archive?.pictureMs ?? 0);
    const runsMs = livePerSecond * this.#liveRunMs(work, cameras, kind);
    this.#paces.cameraSecond(work, kind, Math.max(0, coreMsPerSecond - archiveMs - runsMs) / cameras.length);
  }

  /** Core-ms of a live frame's run. */
  #liveRunMs(work: string, cameras: readonly LiveCameraFacts[], kind: CameraKind): number {
    const { costs, provider, cores, processor } = this.#facts(work, cameras, 8, kind);
    const one = costs.find(({ lane, batch }) => lane === 'live' && batch === 1);
    return (one?.q50Ms ?? 0) * runCores(provider === 'cpu', cores, processor);
  }

  #learnAnnouncement({ live }: LanesSnapshot, cameras: readonly LiveCameraFacts[]): void {
    if (cameras.length === 0 || live.waitMs === null || live.slotShare > QUIET_SLOT_SHARE || live.frames < 50) return;
    const [work, kind] = [workOfAll(cameras), kindOf(cameras)];
    if (work !== null && kind !== null) this.#paces.announced(work, kind, live.waitMs.p50);
  }

  #facts(work: string, cameras: readonly PlannedCamera[], nightHours: number, kind = this.#usualKind()): CapacityFacts {
    const lanes = this.#deps.lanes.snapshot();
    const measured = this.#paces.of(work);
    const { secondMs, announceMs, late } = this.#paces.ofCameras(work, kind);
    const modelId = work.slice(0, work.lastIndexOf(' '));
    const { input, costs } = costsOf(lanes.costs, modelId, this.#inputs.get(work) ?? '');
    return {
      input,
      provider: this.#deps.engine.state.provider,
      cores: availableParallelism(),
      mode: lanes.mode,
      archiveFloorShare: lanes.settings.archiveFloorShare,
      costs,
      cameras,
      endToEnd: measured.endToEnd,
      keptShare: measured.kept[lanes.mode] ?? null,
      announceMs,
      lateShare: late[lanes.mode] ?? null,
      processor: { archive: measured.processor, cameraSecondMs: secondMs },
      nightHours,
      tariff: this.#tariff,
    };
  }

  #camerasOn(): PlannedCamera[] {
    return this.#deps.cameras
      .list()
      .filter(({ enabled }) => enabled)
      .map(({ name, analysisFps, sloMs }) => ({ name, fps: analysisFps, sloMs }));
  }

  /** What is asked about without a camera of one's own is answered as a load test would show it. */
  #usualKind(): CameraKind {
    return this.#deps.cameras.list().length > 0 ? 'source' : 'drawn';
  }

  #liveCameras(): LiveCameraFacts[] {
    const { cameras, tests } = this.#deps;
    const tried = tests.cameras;
    return [
      ...liveFacts(cameras.list(), cameras.statuses(), 'source'),
      ...(tried === null ? [] : liveFacts(tried.opened, tried.statuses, 'drawn')),
    ];
  }

  #runningJob(): { id: string; work: string } | null {
    const job = this.#deps.jobs.list().find(({ state }) => state === 'running');
    if (job === undefined || job.spec.motionGate) return null;
    return { id: job.id, work: workKey(job.spec.modelId, job.spec.tier) };
  }

  #isDisturbed({ calibration }: LanesSnapshot): boolean {
    // The night's own measuring is told as a calibration, too.
    return (calibration !== null && this.#night === null) || this.#deps.tests.cameras === null;
  }

  #isAlone(): boolean {
    return this.#runningJob() === null && this.#liveCameras().length === 0 && !this.#deps.tests.isRunning;
  }
}

const isWithin = ({ least, most }: typeof BELIEVED, share: number): boolean => share >= least && share <= most;
