import type { LadderCost, LaneName, SchedulingMode } from '../../shared/domain/lanes.ts';
import type { CapacityAnswer, Tariff } from '../../shared/domain/plan.ts';
import { capacityReasoning } from './capacity-reasoning.ts';
import { coreCosts, coreLoad, corePace, type CoreCosts, type ProcessorFacts } from './core-room.ts';
import { completeLadder, type PlannedCost } from './cost-shape.ts';
import { deviceCost, estimatedWatts } from './device-cost.ts';
import { figure } from './number-text.ts';

/** What is measured of one model and input on one device, and what is asked of it. */
export interface CapacityFacts {
  readonly input: string;
  readonly provider: string;
  readonly cores: number;
  readonly mode: SchedulingMode;
  readonly archiveFloorShare: number;
  /** Of this model and input alone. */
  readonly costs: readonly LadderCost[];
  readonly cameras: readonly PlannedCamera[];
  readonly endToEnd: CapacityAnswer['endToEnd'];
  /** Archive pictures a second beside cameras / those that the cameras leave time for, measured; null: not yet. */
  readonly keptShare: number | null;
  /** Capture until the scheduler hears of a frame, measured; null: not yet. */
  readonly announceMs: number | null;
  /** Live p95 beside archive work / the one that is planned without this, measured; null: not yet. */
  readonly lateShare: number | null;
  readonly processor: ProcessorFacts;
  readonly nightHours: number;
  readonly tariff: Tariff;
}

export interface PlannedCamera {
  readonly name: string;
  readonly fps: number;
  readonly sloMs: number;
}

/** Where no camera is on, further cameras are counted in these. */
const usualCamera: PlannedCamera = { name: 'a usual camera', fps: 5, sloMs: 200 };
/** A batch is worth its wait only if it wins by more than this (as in the cost model). */
const throughputTolerance = 0.03;
/** In throughput mode a chunk may take this share of the smallest promise. */
const throughputWaitShare = 0.25;
/**
 * What archive chunks add to the p95 of live frames, in smallest chunks: the scheduler fits them before the next predicted
 * frame, so that only cut-off predictions are felt. These and `liveWaitMs` are fitted to the simulated scheduler with
 * jittered cameras; `capacity.test.ts` holds them against it.
 */
const addedChunks: Readonly<Record<SchedulingMode, number>> = { strict: 0.55, balanced: 0.9, throughput: 1.65 };
/** Strict mode keeps the slot free for frames that are about to come: this share of the live load is lost beside it. */
const strictLossShare = 0.22;
const mostCameras = 1_000;

/** Not measured: decoding a frame and telling of it. */
const usualAnnounceMs = 6;
/** What is estimated may well be so much less or more. */
const doubts = { least: 0.4, most: 2.5 } as const;
/** A plan from what was measured is off by this share at most, as the tests hold it; before a run beside cameras, by more. */
const offBy = { measured: 0.15, derived: 0.25 } as const;

/**
 * What the device does beside its cameras: the smallest of what three things carry. The device: X (1 - U) at the chunk that
 * the mode allows, U the share of time that live frames take. The processor: what cameras leave of it, by the core-ms of
 * a picture; where the device is the processor, the model's runs are in both. And the pace that a scan has alone.
 */
export function planCapacity(facts: CapacityFacts): CapacityAnswer {
  const { cameras, nightHours, tariff, provider, cores, endToEnd } = facts;
  const watts = tariff.watts ?? estimatedWatts(provider, cores);
  const cost = { currency: tariff.currency, watts, wattsEstimated: tariff.watts === null };
  const device = deviceOf(facts);
  if (device === null) return notMeasured(facts, cost);

  const archivePerSecond = leftover(facts, device, cameras);
  const predictedLiveP95Ms = cameras.length === 0 ? null : liveP95(facts, device, cameras, addedWaitMs(facts, device));
  const answer: Omit<CapacityAnswer, 'reasoning'> = {
    measured: true,
    measuredTo: device.measuredTo,
    estimated: estimatedOf(facts, device),
    input: facts.input,
    provider,
    endToEnd,
    liveLoad: liveLoad(device, cameras),
    archivePerSecond,
    archiveRange: rangeOf(facts, archivePerSecond, breaksPromise(facts, predictedLiveP95Ms)),
    archivePerHour: archivePerSecond * 3_600,
    archiveTonight: Math.round(archivePerSecond * 3_600 * nightHours),
    moreCameras: moreCameras(facts, device),
    predictedLiveP95Ms,
    batches: device.archive.map(({ batch, q50Ms, estimated }) => {
      const runMs = q50Ms * device.stretch;
      return {
        batch,
        runMs,
        imagesPerSecond: (batch * 1000) / runMs,
        liveP95Ms: cameras.length === 0 ? null : liveP95(facts, device, cameras, runMs),
        estimated,
        ...deviceCost(runMs / batch, tariff, watts),
      };
    }),
    cost,
  };
  return { ...answer, reasoning: capacityReasoning(facts, answer, chunkBeside(facts, device, cameras), device) };
}

export interface PlannedDevice {
  /** By batch, smallest first. */
  readonly archive: readonly PlannedCost[];
  /** The widest archive size that was measured; null: none was, live runs speak for all of them. */
  readonly measuredTo: number | null;
  readonly live: { readonly q50Ms: number; readonly q95Ms: number };
  readonly widest: PlannedCost;
  readonly smallest: PlannedCost;
  /** What a picture takes end to end / what its share of a run takes, 1 or more. */
  readonly stretch: number;
  readonly cores: CoreCosts;
}

/** `doubt`: scales what is estimated of the processor's costs. */
function deviceOf({ costs, endToEnd, provider, cores, processor }: CapacityFacts, doubt = 1): PlannedDevice | null {
  const of = (lane: LaneName): LadderCost[] => costs.filter((cost) => cost.lane === lane && cost.q50Ms > 0);
  const own = of('archive');
  const lives = completeLadder(of('live'));
  // The same model on the same device: where no archive size was run yet, the live ones tell what one will take.
  const archive =
    own.length > 0 ? completeLadder(own) : completeLadder(of('live')).map((cost) => ({ ...cost, estimated: true }));
  const smallest = archive[0];
  if (smallest === undefined) return null;
  const pace = ({ batch, q50Ms }: LadderCost): number => batch / q50Ms;
  const best = Math.max(...archive.map(pace));
  const widest = [...archive].reverse().find((cost) => pace(cost) >= best * (1 - throughputTolerance)) ?? smallest;
  const live = lives.find(({ batch }) => batch === 1) ?? smallest;
  const isProcessor = provider === 'cpu';
  const measured = endToEnd?.imagesPerSecond ?? null;
  // A card is not slowed down by decoding: it waits for it.
  const stretch = measured === null || !isProcessor ? 1 : Math.max(1, (1000 * pace(widest)) / measured);
  const beside = { isProcessor, cores, pictureMs: 1 / pace(widest), liveRunMs: live.q50Ms };
  const measuredTo = own.length === 0 ? null : Math.max(...own.map(({ batch }) => batch));
  return { archive, measuredTo, live, widest, smallest, stretch, cores: coreCosts(beside, processor, measured, doubt) };
}

/** Share of the device, or of the processor where that is scarcer, that live frames take. */
const liveLoad = (device: PlannedDevice, cameras: readonly PlannedCamera[]): number =>
  Math.max(deviceLoad(device, cameras), coreLoad(device.cores, cameras));

const deviceLoad = ({ live, stretch }: PlannedDevice, cameras: readonly PlannedCamera[]): number =>
  (cameras.reduce((sum, { fps }) => sum + fps, 0) * live.q50Ms * stretch) / 1000;

/** The chunk that runs beside cameras: the smallest, but where throughput comes first. */
function chunkBeside({ mode }: CapacityFacts, device: PlannedDevice, cameras: readonly PlannedCamera[]): PlannedCost {
  if (cameras.length === 0) return device.widest;
  if (mode !== 'throughput') return device.smallest;
  const roomMs = throughputWaitShare * Math.min(...cameras.map(({ sloMs }) => sloMs));
  const fitting = device.archive.filter(({ batch, q95Ms }) => batch <= device.widest.batch && q95Ms <= roomMs);
  return fitting[fitting.length - 1] ?? device.smallest;
}

/** Pictures a second. */
function leftover(facts: CapacityFacts, device: PlannedDevice, cameras: readonly PlannedCamera[]): number {
  const { cores, stretch, widest } = device;
  const aloneMs = facts.endToEnd === null ? 0 : 1_000 / facts.endToEnd.imagesPerSecond;
  const chunk = chunkBeside(facts, device, cameras);
  const devicePace = 1_000 / Math.max((chunk.q50Ms * stretch) / chunk.batch, facts.provider === 'cpu' ? 0 : aloneMs);
  // A smaller chunk costs the processor more a picture than the size at which it was measured.
  const widerMs = chunk.q50Ms / chunk.batch - widest.q50Ms / widest.batch;
  const processorPace = corePace(cores, facts.provider === 'cpu' ? (widerMs * cores.capacityMs) / 1_000 : 0);
  if (cameras.length === 0) return facts.endToEnd?.imagesPerSecond ?? Math.min(devicePace, processorPace);
  const load = liveLoad(device, cameras);
  const kept = facts.keptShare ?? (facts.mode === 'strict' ? Math.max(0, 1 - strictLossShare * load) : 1);
  const beside = (pace: number, share: number): number => pace * Math.max(facts.archiveFloorShare, (1 - share) * kept);
  const [byDevice, byCores] = [deviceLoad(device, cameras), coreLoad(cores, cameras)];
  return Math.min(beside(devicePace, byDevice), beside(processorPace, byCores));
}

/** Live frames would be late: the archive gives way, and how far depends on how many of them are. */
export const breaksPromise = ({ cameras }: CapacityFacts, p95Ms: number | null): boolean =>
  cameras.length > 0 && (p95Ms === null || p95Ms > Math.min(...cameras.map(({ sloMs }) => sloMs)));

/** Where nothing is estimated, as close as plans are held by tests; else what the estimates allow, and that around it. */
function rangeOf(facts: CapacityFacts, archivePerSecond: number, gives: boolean): CapacityAnswer['archiveRange'] {
  const isMeasured = facts.cameras.length === 0 ? facts.endToEnd !== null : facts.keptShare !== null;
  const share = isMeasured ? offBy.measured : offBy.derived;
  const at = (doubt: number): number => {
    const device = deviceOf(facts, doubt);
    return device === null || isMeasured ? archivePerSecond : leftover(facts, device, facts.cameras);
  };
  const least = gives ? facts.archiveFloorShare * archivePerSecond : archivePerSecond;
  return {
    low: (1 - share) * Math.min(least, at(doubts.most)),
    high: (1 + share) * Math.max(archivePerSecond, at(doubts.least)),
  };
}

/** What of the answer is no measurement, in words. */
function estimatedOf(facts: CapacityFacts, { cores, measuredTo, archive }: PlannedDevice): string[] {
  const { cameras, endToEnd, announceMs } = facts;
  const words: string[] = [];
  if (measuredTo === null) words.push('runs of the archive: live runs of the same model speak for them');
  else if (archive.some(({ batch, estimated }) => estimated && batch > measuredTo))
    words.push(`batches: measured up to ${String(measuredTo)}, beyond that by the shape of the curve`);
  if (endToEnd === null) words.push('decoding beside the archive');
  if (cameras.length > 0 && cores.estimated.cameras)
    words.push(`decoding of the cameras: ${figure(cores.cameraSecondMs)} core-ms a camera and second`);
  if (cameras.length > 0 && announceMs === null)
    words.push(`decoding of a frame before its run: ${figure(usualAnnounceMs)} ms`);
  return words;
}

/** What archive work adds to a live frame's p95. */
const addedWaitMs = ({ mode }: CapacityFacts, { smallest, stretch }: PlannedDevice): number =>
  addedChunks[mode] * smallest.q50Ms * stretch;

/** What other live frames add to it: in step with the load, and without end as it comes close to 1. */
const liveWaitMs = (runMs: number, load: number): number => 1.9 * load * runMs * (1 + (0.05 * load ** 4) / (1 - load));

/** Capture to result, beside archive work that adds `archiveMs`. Null: live frames alone are too many. */
function liveP95(
  facts: CapacityFacts,
  device: PlannedDevice,
  cameras: readonly PlannedCamera[],
  archiveMs: number,
): number | null {
  const load = deviceLoad(device, cameras);
  if (load >= 1 || liveLoad(device, cameras) >= 1) return null;
  const runMs = device.live.q50Ms * device.stretch;
  const slowMs = Math.max(0, device.live.q95Ms - device.live.q50Ms) * device.stretch;
  const sumMs = (facts.announceMs ?? usualAnnounceMs) + runMs + slowMs + liveWaitMs(runMs, load) + archiveMs;
  return sumMs * (facts.lateShare ?? 1);
}

/** Cameras like the average one that fit until a promise breaks or live frames take the archive's floor. */
function moreCameras(facts: CapacityFacts, device: PlannedDevice): number {
  const { cameras, archiveFloorShare } = facts;
  const next = averageCamera(cameras);
  const fits = (more: number): boolean => {
    const all = [...cameras, ...Array.from({ length: more }, () => next)];
    if (liveLoad(device, all) > 1 - archiveFloorShare) return false;
    const p95Ms = liveP95(facts, device, all, addedWaitMs(facts, device));
    return p95Ms !== null && p95Ms <= Math.min(...all.map(({ sloMs }) => sloMs));
  };
  let [fit, tooMany] = [0, mostCameras + 1];
  while (tooMany - fit > 1) {
    const middle = (fit + tooMany) >> 1;
    if (fits(middle)) fit = middle;
    else tooMany = middle;
  }
  return fit;
}

function averageCamera(cameras: readonly PlannedCamera[]): PlannedCamera {
  if (cameras.length === 0) return usualCamera;
  const mean = (of: (camera: PlannedCamera) => number): number =>
    cameras.reduce((sum, camera) => sum + of(camera), 0) / cameras.length;
  return { name: 'the average camera', fps: mean(({ fps }) => fps), sloMs: mean(({ sloMs }) => sloMs) };
}

function notMeasured({ input, provider, endToEnd }: CapacityFacts, cost: CapacityAnswer['cost']): CapacityAnswer {
  return {
    measured: false,
    measuredTo: null,
    estimated: [],
    input,
    provider,
    endToEnd,
    liveLoad: 0,
    archivePerSecond: 0,
    archiveRange: { low: 0, high: 0 },
    archivePerHour: 0,
    archiveTonight: 0,
    moreCameras: 0,
    predictedLiveP95Ms: null,
    batches: [],
    cost,
    reasoning: ['Nothing was measured for this model and size on this device yet: calibrate first (about a minute).'],
  };
}
