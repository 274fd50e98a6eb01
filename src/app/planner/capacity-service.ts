import { availableParallelism } from 'node:os';
import { planCapacity, type CapacityFacts, type PlannedCamera } from '../../core/planner/capacity.ts';
import { createPaceWindow, lookAtPace } from '../../core/planner/pace-window.ts';
import type { Clock } from '../../core/ports.ts';
import { inputText } from '../../core/scheduler/work-shape.ts';
import type { Calibration, LadderCost, LanesSnapshot } from '../../shared/domain/lanes.ts';
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
import { MeasuredPaces } from './measured-paces.ts';
import { NightMeasure } from './night-measure.ts';

const TARIFF_KEY = 'tariff';
/** Where no camera has shown its own: as the demo night, with which decoding is measured. */
const USUAL_PICTURE = { width: 640, height: 480 } as const;
/** Below this share of the slot, a live frame waits for its own decoding and for hardly anything else. */
const QUIET_SLOT_SHARE = 0.4;
/** The cameras' frames are run faster beside archive work than was planned, or hardly at all: not to be believed. */
const KEPT_RANGE = { least: 0.1, most: 1.5 };

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
  /** Cameras that are none of the data folder's are being tried. */
  readonly isUnderTest: () => boolean;
}

/**
 * What the planner knows of this machine: costs of the ladder from the lanes, and what scans really made of the device,
 * which it learns from every scan while nothing else changes, and from the demo night after a calibration.
 */
export class CapacityService {
  readonly #deps: CapacityServiceDeps;
  readonly #paces: MeasuredPaces;
  readonly #window = createPaceWindow();
  /** Input size of works that were asked about, as it stands in their costs. */
  readonly #inputs = new Map<string, string>();
  #tariff: Tariff = tariffSchema.parse({});
  #asked: { work: PreparedWork; tier: TierName } | null = null;
  #night: { measure: NightMeasure; calibration: Omit<Calibration, 'done'>; ended: Promise<void> } | null = null;

  constructor(deps: CapacityServiceDeps) {
    this.#deps = deps;
    this.#paces = new MeasuredPaces(deps.store);
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
    this.#night?.measure.stop();
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
    const ended = measure.run(work, nightPath).then(
      (imagesPerSecond) => {
        // A camera or a scan that joined meanwhile took a part of it.
        if (imagesPerSecond === null || !this.#isAlone()) return;
        this.#paces.alone(workKey(modelId, tier), imagesPerSecond, clock.epochMs());
        log.info('pace measured end to end', { modelId, tier, imagesPerSecond: Math.round(imagesPerSecond) });
      },
      (caught: unknown) => {
        log.warn('the pace could not be measured', { modelId, error: String(caught) });
      },
    );
    const startedAtMs = clock.epochMs();
    const calibration = { modelId, input: inputText(input), steps: 100, batch: 0, startedAtMs, waitsFor: null };
    this.#night = { measure, calibration, ended: ended.finally(() => (this.#night = null)) };
  }

  stopMeasuring(): void {
    this.#asked = null;
    this.#night?.measure.stop();
  }

  /** The measuring of the night, in the form of a calibration's progress; null: there is none. */
  get calibration(): Calibration | null {
    if (this.#night === null) return null;
    const { measure, calibration } = this.#night;
    return { ...calibration, done: Math.floor(measure.progress * calibration.steps) };
  }

  itemNews(news: ItemNews): boolean {
    return this.#night?.measure.itemNews(news) ?? false;
  }

  /** Once a second: learns from what runs. */
  look(lanes: LanesSnapshot): void {
    const job = this.#runningJob();
    const cameras = this.#liveCameras();
    const pace = lookAtPace(this.#window, {
      atMonoMs: this.#deps.clock.monoMs(),
      frames: lanes.archive.frames,
      job: this.#isDisturbed(lanes) ? null : job,
      beside: `${lanes.mode} ${String(lanes.instances.now)} ${cameras.map(({ key }) => key).join(' ')}`,
    });
    if (pace !== null) this.#learn(pace.work, pace.imagesPerSecond, cameras, lanes);
    if (job === null && !this.#isDisturbed(lanes)) this.#learnAnnouncement(lanes, cameras);
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
    if (!this.#inputs.has(work)) return;
    const facts = this.#facts(work, cameras, 8);
    const ideal = planCapacity({ ...facts, keptShare: 1, archiveFloorShare: 0 }).archivePerSecond;
    const kept = imagesPerSecond / ideal;
    if (kept >= KEPT_RANGE.least && kept <= KEPT_RANGE.most) this.#paces.beside(work, lanes.mode, kept);
  }

  #learnAnnouncement({ live }: LanesSnapshot, cameras: readonly LiveCameraFacts[]): void {
    const [first] = cameras;
    if (first === undefined || live.waitMs === null || live.slotShare > QUIET_SLOT_SHARE || live.frames < 50) return;
    const work = workKey(first.modelId, first.tier);
    if (cameras.every((camera) => workKey(camera.modelId, camera.tier) === work))
      this.#paces.announced(work, live.waitMs.p50);
  }

  #facts(work: string, cameras: readonly PlannedCamera[], nightHours: number): CapacityFacts {
    const lanes = this.#deps.lanes.snapshot();
    const measured = this.#paces.of(work);
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
      announceMs: measured.announceMs,
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

  #liveCameras(): LiveCameraFacts[] {
    const { cameras } = this.#deps;
    const live = new Set(cameras.statuses().flatMap((status) => (status.state === 'live' ? [status.cameraId] : [])));
    return cameras
      .list()
      .filter(({ id }) => live.has(id))
      .map(({ id, name, analysisFps, sloMs, modelId, tier }) => ({
        key: `${id}@${String(analysisFps)}`,
        name,
        fps: analysisFps,
        sloMs,
        modelId,
        tier,
      }));
  }

  #runningJob(): { id: string; work: string } | null {
    const job = this.#deps.jobs.list().find(({ state }) => state === 'running');
    if (job === undefined || job.spec.motionGate) return null;
    return { id: job.id, work: workKey(job.spec.modelId, job.spec.tier) };
  }

  #isDisturbed({ calibration }: LanesSnapshot): boolean {
    return calibration !== null || this.#night !== null || this.#deps.isUnderTest();
  }

  #isAlone(): boolean {
    return this.#runningJob() === null && this.#liveCameras().length === 0 && !this.#deps.isUnderTest();
  }
}

interface LiveCameraFacts extends PlannedCamera {
  readonly key: string;
  readonly modelId: string;
  readonly tier: TierName;
}

const workKey = (modelId: string, tier: TierName): string => `${modelId} ${tier}`;

/**
 * Pictures are fitted to their shape, so a tier has several heights. Where the wanted one was never measured, the one of
 * the same width with the most sizes speaks for it.
 */
function costsOf(
  all: readonly LadderCost[],
  modelId: string,
  wanted: string,
): { input: string; costs: readonly LadderCost[] } {
  const [width = ''] = wanted.split('x');
  const byInput = new Map<string, LadderCost[]>();
  for (const cost of all) {
    if (cost.modelId !== modelId || !cost.input.startsWith(`${width}x`)) continue;
    byInput.set(cost.input, [...(byInput.get(cost.input) ?? []), cost]);
  }
  const archiveSizes = (input: string): number =>
    (byInput.get(input) ?? []).filter(({ lane }) => lane === 'archive').length;
  let input = wanted;
  if (archiveSizes(wanted) === 0) {
    for (const other of byInput.keys()) if (archiveSizes(other) > archiveSizes(input)) input = other;
  }
  return { input, costs: byInput.get(input) ?? [] };
}
