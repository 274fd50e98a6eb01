import type { LadderCost, LaneName, SchedulingMode } from '../../shared/domain/lanes.ts';
import type { CapacityAnswer, Tariff } from '../../shared/domain/plan.ts';
import { deviceCost, estimatedWatts } from './device-cost.ts';
import { figure, percent } from './number-text.ts';

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

/**
 * What the device does beside its cameras. leftover = X (1 - U): X is the archive's pace end to end at the chunk that the
 * mode allows, U the share of time that live frames take. Decoding competes with inference where there are few cores, so
 * everything is stretched by what a picture really takes end to end / what its run takes.
 */
export function planCapacity(facts: CapacityFacts): CapacityAnswer {
  const { cameras, nightHours, tariff, provider, cores, endToEnd } = facts;
  const watts = tariff.watts ?? estimatedWatts(provider, cores);
  const cost = { currency: tariff.currency, watts, wattsEstimated: tariff.watts === null };
  const device = deviceOf(facts);
  if (device === null) return notMeasured(facts, cost);

  const load = liveLoad(device, cameras);
  const archivePerSecond = leftover(facts, device, cameras);
  const predictedLiveP95Ms = cameras.length === 0 ? null : liveP95(facts, device, cameras, addedWaitMs(facts, device));
  return {
    measured: true,
    input: facts.input,
    provider,
    endToEnd,
    liveLoad: load,
    archivePerSecond,
    archivePerHour: archivePerSecond * 3_600,
    archiveTonight: Math.round(archivePerSecond * 3_600 * nightHours),
    moreCameras: moreCameras(facts, device),
    predictedLiveP95Ms,
    batches: device.archive.map(({ batch, q50Ms }) => {
      const runMs = q50Ms * device.stretch;
      return {
        batch,
        runMs,
        imagesPerSecond: (batch * 1000) / runMs,
        liveP95Ms: cameras.length === 0 ? null : liveP95(facts, device, cameras, runMs),
        ...deviceCost(runMs / batch, tariff, watts),
      };
    }),
    cost,
    reasoning: reasoningFor(facts, device, load, archivePerSecond, predictedLiveP95Ms, cost),
  };
}

interface Device {
  /** By batch, smallest first. */
  readonly archive: readonly LadderCost[];
  readonly live: { readonly q50Ms: number; readonly q95Ms: number };
  readonly widest: LadderCost;
  readonly smallest: LadderCost;
  /** What a picture takes end to end / what its share of a run takes, 1 or more. */
  readonly stretch: number;
}

function deviceOf({ costs, endToEnd }: CapacityFacts): Device | null {
  const of = (lane: LaneName): LadderCost[] => monotone(costs.filter((cost) => cost.lane === lane && cost.q50Ms > 0));
  const archive = of('archive');
  const smallest = archive[0];
  if (smallest === undefined) return null;
  const pace = ({ batch, q50Ms }: LadderCost): number => batch / q50Ms;
  const best = Math.max(...archive.map(pace));
  const widest = [...archive].reverse().find((cost) => pace(cost) >= best * (1 - throughputTolerance)) ?? smallest;
  const live = of('live').find(({ batch }) => batch === 1) ?? smallest;
  const stretch = endToEnd === null ? 1 : Math.max(1, (1000 * pace(widest)) / endToEnd.imagesPerSecond);
  return { archive, live, widest, smallest, stretch };
}

/** Smallest batch first; a larger batch is never shorter, whatever the noise of a measurement says. */
function monotone(costs: readonly LadderCost[]): LadderCost[] {
  let [q50Ms, q95Ms] = [0, 0];
  return [...costs]
    .sort((a, b) => a.batch - b.batch)
    .map((cost) => {
      q50Ms = Math.max(q50Ms, cost.q50Ms);
      q95Ms = Math.max(q95Ms, cost.q95Ms);
      return { ...cost, q50Ms, q95Ms };
    });
}

function liveLoad({ live, stretch }: Device, cameras: readonly PlannedCamera[]): number {
  return (cameras.reduce((sum, { fps }) => sum + fps, 0) * live.q50Ms * stretch) / 1000;
}

/** The chunk that runs beside cameras: the smallest, but where throughput comes first. */
function chunkBeside({ mode }: CapacityFacts, device: Device, cameras: readonly PlannedCamera[]): LadderCost {
  if (cameras.length === 0) return device.widest;
  if (mode !== 'throughput') return device.smallest;
  const roomMs = throughputWaitShare * Math.min(...cameras.map(({ sloMs }) => sloMs));
  const fitting = device.archive.filter(({ batch, q95Ms }) => batch <= device.widest.batch && q95Ms <= roomMs);
  return fitting[fitting.length - 1] ?? device.smallest;
}

/** Pictures a second. */
function leftover(facts: CapacityFacts, device: Device, cameras: readonly PlannedCamera[]): number {
  const chunk = chunkBeside(facts, device, cameras);
  const pace = (1000 * chunk.batch) / (chunk.q50Ms * device.stretch);
  if (cameras.length === 0) return facts.endToEnd?.imagesPerSecond ?? pace;
  const load = liveLoad(device, cameras);
  const kept = facts.keptShare ?? (facts.mode === 'strict' ? Math.max(0, 1 - strictLossShare * load) : 1);
  return pace * Math.max(facts.archiveFloorShare, (1 - load) * kept);
}

/** What archive work adds to a live frame's p95. */
const addedWaitMs = ({ mode }: CapacityFacts, { smallest, stretch }: Device): number =>
  addedChunks[mode] * smallest.q50Ms * stretch;

/** What other live frames add to it: in step with the load, and without end as it comes close to 1. */
const liveWaitMs = (runMs: number, load: number): number => 1.9 * load * runMs * (1 + (0.05 * load ** 4) / (1 - load));

/** Capture to result, beside archive work that adds `archiveMs`. Null: live frames alone are too many. */
function liveP95(
  facts: CapacityFacts,
  device: Device,
  cameras: readonly PlannedCamera[],
  archiveMs: number,
): number | null {
  const load = liveLoad(device, cameras);
  if (load >= 1) return null;
  const runMs = device.live.q50Ms * device.stretch;
  const slowMs = Math.max(0, device.live.q95Ms - device.live.q50Ms) * device.stretch;
  return (facts.announceMs ?? 0) + runMs + slowMs + liveWaitMs(runMs, load) + archiveMs;
}

/** Cameras like the average one that fit until a promise breaks or live frames take the archive's floor. */
function moreCameras(facts: CapacityFacts, device: Device): number {
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

function reasoningFor(
  facts: CapacityFacts,
  device: Device,
  load: number,
  archivePerSecond: number,
  p95Ms: number | null,
  cost: CapacityAnswer['cost'],
): string[] {
  const { cameras, endToEnd, mode } = facts;
  const { live, widest, stretch } = device;
  const frames = cameras.reduce((sum, { fps }) => sum + fps, 0);
  const chunk = chunkBeside(facts, device, cameras);
  const smallestSloMs = Math.min(...cameras.map(({ sloMs }) => sloMs));
  return [
    endToEnd === null
      ? `A batch of ${String(widest.batch)} takes ${figure(widest.q50Ms)} ms on the device; decoding beside it is not measured yet, so the archive may be slower.`
      : `With no camera on the archive makes ${figure(endToEnd.imagesPerSecond)} pictures/s end to end (measured); its runs alone would make ${figure((1000 * widest.batch) / widest.q50Ms)}/s, so a picture takes ${figure(stretch)} times its run.`,
    cameras.length === 0
      ? 'No camera is on: the whole device is the archive’s, at the largest batch that pays.'
      : `${String(cameras.length)} cameras ask for ${figure(frames)} frames/s of ${figure(live.q50Ms * stretch)} ms: a live load of ${percent(load)}.`,
    cameras.length === 0
      ? `That is ${figure(archivePerSecond)} pictures/s.`
      : `Left over at chunks of ${String(chunk.batch)} (${mode}): ${figure(archivePerSecond)} pictures/s${facts.keptShare === null ? '' : `, of what cameras leave ${percent(facts.keptShare)} were used when it was measured`}${1 - load < facts.archiveFloorShare ? ', which is the archive’s floor: the cameras ask for more than there is' : ''}.`,
    ...(cameras.length === 0
      ? []
      : [
          p95Ms === null
            ? 'Live frames alone are more than the device can run: frames will be dropped.'
            : `Archive work adds about ${figure(addedWaitMs(facts, device))} ms to a live frame at its p95: about ${figure(p95Ms)} ms of ${figure(smallestSloMs)} ms${facts.announceMs === null ? ', decoding before it left out (not measured yet)' : ''}.`,
        ]),
    `${figure(cost.watts)} W${cost.wattsEstimated ? ' (estimated from the kind of device)' : ''} at ${figure(facts.tariff.perKwh)} ${cost.currency}/kWh and ${figure(facts.tariff.perDeviceHour)} ${cost.currency} a device-hour.`,
  ];
}

function notMeasured({ input, provider, endToEnd }: CapacityFacts, cost: CapacityAnswer['cost']): CapacityAnswer {
  return {
    measured: false,
    input,
    provider,
    endToEnd,
    liveLoad: 0,
    archivePerSecond: 0,
    archivePerHour: 0,
    archiveTonight: 0,
    moreCameras: 0,
    predictedLiveP95Ms: null,
    batches: [],
    cost,
    reasoning: ['Nothing was measured for this model and size on this device yet: calibrate first (about a minute).'],
  };
}
