import { batchLadder, laneNames, type LadderCost, type LaneName } from '../../shared/domain/lanes.ts';
import { costKeyOf } from './work-shape.ts';

/** How long a run will take: measured, per model, input size, lane and ladder size, on one device. */
export interface CostModel {
  readonly curves: Readonly<Record<LaneName, Map<string, CostCurve>>>;
  /** How much longer runs take now than their window says (other work on the machine): 1..3, fast up, slow down. */
  contention: number;
}

/** A power of two: places in the ring are found by masking. */
const windowSize = 64;
/** A size counts as better only if it wins by more than this share: smaller differences are noise. */
export const throughputTolerance = 0.03;
/** A larger batch that does not cut the time per frame to this share is not even compared (see live-decision). */
export const worthLookingShare = 0.97;
const contentionUp = 0.3;
const contentionDown = 0.05;
const contentionLimit = 3;

/** The durations of one ladder size: the newest 64, and the same sorted. */
interface SampleWindow {
  readonly newest: Float64Array;
  readonly sorted: Float64Array;
  count: number;
  next: number;
  total: number;
}

export interface CostCurve {
  readonly modelId: string;
  readonly input: string;
  readonly windows: (SampleWindow | null)[];
  /** What an earlier process measured; counts only until this one has measured. */
  readonly priors: (LadderCost | null)[];
  /** Has run in this engine process: only such sizes may be used. */
  readonly warmed: boolean[];
  /** Median and upper estimate by ladder index, repaired so that a larger batch is never shorter; NaN = unknown. */
  readonly q50Ms: Float64Array;
  readonly q95Ms: Float64Array;
  /** The same as measured, before the repair; NaN = unknown. */
  readonly own50Ms: Float64Array;
  readonly own95Ms: Float64Array;
  /** Slowest of the newest four runs; infinite = none. */
  readonly recentMs: Float64Array;
  /** A warmed size beyond 1 costs clearly less a frame than size 1: to look at batches is worth the time. */
  batchMayPay: boolean;
}

export function createCostModel(): CostModel {
  return { curves: { live: new Map(), archive: new Map() }, contention: 1 };
}

/** Index on the ladder of the largest size that is not larger than `batch`; -1 below 1. The ladder's sizes are powers of two. */
export function ladderIndex(batch: number): number {
  return Math.min(batchLadder.length - 1, 31 - Math.clz32(batch));
}

/** A warm-up at one size: marks it usable and seeds its window. The first of several runs still pays for set-up: left out. */
export function warmedUp(
  model: CostModel,
  size: { readonly modelId: string; readonly input: string; readonly lane: LaneName; readonly batch: number },
  runMs: readonly number[],
): void {
  const index = exactLadderIndex(size.batch);
  const curve = curveOf(model, size.lane, size.modelId, size.input);
  curve.warmed[index] = true;
  for (const duration of runMs.length > 1 ? runMs.slice(1) : runMs) addSample(curve, index, duration);
  remeasure(curve, index);
  curve.batchMayPay = mayPay(curve);
}

/** A run of a warmed size took `actualMs` (everything that kept the slot busy, not the native call alone). */
export function observeRun(model: CostModel, lane: LaneName, costKey: string, batch: number, actualMs: number): void {
  const curve = model.curves[lane].get(costKey);
  if (curve === undefined) throw new Error(`no cost curve for ${costKey} in the ${lane} lane`);
  observeOn(model, curve, batch, actualMs);
}

/** The same for who has the curve at hand. */
export function observeOn(model: CostModel, curve: CostCurve, batch: number, actualMs: number): void {
  const index = exactLadderIndex(batch);
  const expectedMs = curve.q95Ms[index] as number;
  if (expectedMs > 0) {
    const ratio = Math.min(actualMs / expectedMs, contentionLimit * 2);
    const step = ratio > model.contention ? contentionUp : contentionDown;
    model.contention = clamp(model.contention + step * (ratio - model.contention), 1, contentionLimit);
  }
  addSample(curve, index, actualMs);
  const window = curve.windows[index] as SampleWindow;
  // Quantiles of a full window hardly move by one run; one above them is never overlooked.
  if (window.count === windowSize && (window.total & 3) !== 0 && isUsual(actualMs, expectedMs)) return;
  remeasure(curve, index);
}

const isUsual = (actualMs: number, expectedMs: number): boolean =>
  actualMs <= expectedMs && actualMs > 0.5 * expectedMs;

/** The engine process is gone: what it measured stays, what it had warmed does not. */
export function coolDown(model: CostModel): void {
  for (const lane of laneNames) {
    for (const curve of model.curves[lane].values()) {
      curve.warmed.fill(false);
      curve.batchMayPay = false;
    }
  }
  model.contention = 1;
}

/** The model runs on something else from now on: nothing that was measured is true any more. Only while none of its runs is under way. */
export function forgetCosts(model: CostModel, modelId: string): void {
  for (const lane of laneNames) {
    for (const curve of model.curves[lane].values()) {
      if (curve.modelId !== modelId) continue;
      curve.windows.fill(null);
      curve.priors.fill(null);
      curve.warmed.fill(false);
      repair(curve);
    }
  }
}

export function isWarmed(model: CostModel, lane: LaneName, costKey: string, batch: number): boolean {
  return model.curves[lane].get(costKey)?.warmed[exactLadderIndex(batch)] ?? false;
}

/** Upper estimate (q95 × contention) of one run in ms, for what must be in time; null where the size is not warmed. */
export function predictMs(model: CostModel, lane: LaneName, costKey: string, batch: number): number | null {
  const curve = model.curves[lane].get(costKey);
  return curve === undefined ? null : predictAt(model, curve, exactLadderIndex(batch));
}

/**
 * Likely duration of one run in ms, for what must not be put off by a slow spell that is over: giving up on a frame, the
 * archive's floor. The median, or less where the newest runs all were faster; null where the size is not warmed.
 */
export function likelyMs(model: CostModel, lane: LaneName, costKey: string, batch: number): number | null {
  const curve = model.curves[lane].get(costKey);
  return curve === undefined ? null : likelyAt(model, curve, exactLadderIndex(batch));
}

export function likelyAt(model: CostModel, curve: CostCurve, index: number): number | null {
  const usualMs = usualAt(curve, index);
  return usualMs === null ? null : model.contention * usualMs;
}

/**
 * `likelyAt` without the contention, which one stalled run raises for a second: for what a single stall must not decide, as
 * that frames are given up or that cameras ask for more than there is. What lasts is in the median after 32 runs.
 */
export function usualAt(curve: CostCurve, index: number): number | null {
  if (curve.warmed[index] !== true) return null;
  const q50 = curve.q50Ms[index] as number;
  return Number.isNaN(q50) ? null : Math.min(q50, curve.recentMs[index] as number);
}

/** The shortest run that is remembered of a ladder step, or its median in an earlier process; null where there is none. */
export function fastestMs(curve: CostCurve, index: number): number | null {
  const window = curve.windows[index] as SampleWindow | null;
  return window === null ? (curve.priors[index]?.q50Ms ?? null) : (window.sorted[0] as number);
}

/** Smallest warmed size of the lane, or null. */
export function smallestWarmed(model: CostModel, lane: LaneName, costKey: string): number | null {
  const curve = model.curves[lane].get(costKey);
  const index = curve === undefined ? -1 : curve.warmed.indexOf(true);
  return index < 0 ? null : (batchLadder[index] as number);
}

/** Largest warmed size that is at most `limit` and predicted to take at most `roomMs`; null when none is. */
export function largestWarmed(
  model: CostModel,
  lane: LaneName,
  costKey: string,
  limit: number,
  roomMs: number,
): number | null {
  const curve = model.curves[lane].get(costKey);
  return curve === undefined ? null : largestOn(model, curve, limit, roomMs);
}

export function largestOn(model: CostModel, curve: CostCurve, limit: number, roomMs: number): number | null {
  for (let index = ladderIndex(limit); index >= 0; index -= 1) {
    const predicted = predictAt(model, curve, index);
    if (predicted !== null && predicted <= roomMs) return batchLadder[index] as number;
  }
  return null;
}

/** The smallest warmed size within 3 % of the best throughput: more would only block longer. */
export function kneeBatch(model: CostModel, lane: LaneName, costKey: string): number | null {
  return withinToleranceOfBest(model, lane, costKey, 'smallest');
}

/** The largest warmed size within 3 % of the best throughput: for a device that nobody waits for. */
export function widestBatch(model: CostModel, lane: LaneName, costKey: string): number | null {
  return withinToleranceOfBest(model, lane, costKey, 'largest');
}

/** Every measured step, for views and for the store. */
export function exportCosts(model: CostModel): LadderCost[] {
  const costs: LadderCost[] = [];
  for (const lane of laneNames) {
    for (const { modelId, input, windows } of model.curves[lane].values()) {
      windows.forEach((window, index) => {
        if (window === null) return;
        const [q50Ms, q95Ms] = [quantile(window, 0.5), quantile(window, 0.95)];
        costs.push({ modelId, input, lane, batch: batchLadder[index] as number, q50Ms, q95Ms, samples: window.total });
      });
    }
  }
  return costs;
}

/** Costs of an earlier process on the same device and provider. They warm nothing and yield to the first own sample. */
export function importCosts(model: CostModel, costs: readonly LadderCost[]): void {
  for (const cost of costs) {
    const index = (batchLadder as readonly number[]).indexOf(cost.batch);
    if (index < 0) continue; // the ladder had other steps then
    const curve = curveOf(model, cost.lane, cost.modelId, cost.input);
    curve.priors[index] = cost;
    repair(curve);
  }
}

function withinToleranceOfBest(
  model: CostModel,
  lane: LaneName,
  costKey: string,
  which: 'smallest' | 'largest',
): number | null {
  const curve = model.curves[lane].get(costKey);
  if (curve === undefined) return null;
  let best = 0;
  for (let index = 0; index < batchLadder.length; index += 1) best = Math.max(best, throughput(curve, index));
  if (best === 0) return null;
  let chosen: number | null = null;
  for (let index = 0; index < batchLadder.length; index += 1) {
    if (throughput(curve, index) < best * (1 - throughputTolerance)) continue;
    chosen = batchLadder[index] as number;
    if (which === 'smallest') break;
  }
  return chosen;
}

/** Frames per ms by the median; 0 where the size is not warmed. */
function throughput(curve: CostCurve, index: number): number {
  const median = curve.q50Ms[index] as number;
  return curve.warmed[index] === true && median > 0 ? (batchLadder[index] as number) / median : 0;
}

/** `predictMs` for who has the curve and the ladder index at hand. */
export function predictAt(model: CostModel, curve: CostCurve, index: number): number | null {
  if (curve.warmed[index] !== true) return null;
  const q95 = curve.q95Ms[index] as number;
  return Number.isNaN(q95) ? null : q95 * model.contention;
}

/** The curve of this work; made where there is none, and the same for the life of the model. */
export function curveOf(model: CostModel, lane: LaneName, modelId: string, input: string): CostCurve {
  const key = costKeyOf(modelId, input);
  const known = model.curves[lane].get(key);
  if (known !== undefined) return known;
  const steps = batchLadder.length;
  const curve: CostCurve = {
    modelId,
    input,
    windows: new Array<SampleWindow | null>(steps).fill(null),
    priors: new Array<LadderCost | null>(steps).fill(null),
    warmed: new Array<boolean>(steps).fill(false),
    q50Ms: new Float64Array(steps).fill(Number.NaN),
    q95Ms: new Float64Array(steps).fill(Number.NaN),
    own50Ms: new Float64Array(steps).fill(Number.NaN),
    own95Ms: new Float64Array(steps).fill(Number.NaN),
    recentMs: new Float64Array(steps).fill(Number.POSITIVE_INFINITY),
    batchMayPay: false,
  };
  model.curves[lane].set(key, curve);
  return curve;
}

export function exactLadderIndex(batch: number): number {
  const index = ladderIndex(batch);
  if (index < 0 || batchLadder[index] !== batch) throw new Error(`${batch} is not a size of the batch ladder`);
  return index;
}

/** Keeps `sorted` sorted by moving what lies between the old place and the new one, so that a quantile is a look-up. */
function addSample(curve: CostCurve, index: number, durationMs: number): void {
  if (!(durationMs >= 0 && durationMs < Number.POSITIVE_INFINITY))
    throw new Error(`a run cannot take ${durationMs} ms`);
  const window = (curve.windows[index] ??= {
    newest: new Float64Array(windowSize),
    sorted: new Float64Array(windowSize),
    count: 0,
    next: 0,
    total: 0,
  });
  const { newest, sorted } = window;
  let place: number;
  if (window.count < windowSize) {
    place = window.count;
    window.count += 1;
  } else place = placeIn(sorted, newest[window.next] as number);
  for (; place > 0 && (sorted[place - 1] as number) > durationMs; place -= 1)
    sorted[place] = sorted[place - 1] as number;
  for (; place < window.count - 1 && (sorted[place + 1] as number) < durationMs; place += 1) {
    sorted[place] = sorted[place + 1] as number;
  }
  sorted[place] = durationMs;
  newest[window.next] = durationMs;
  window.next = (window.next + 1) & (windowSize - 1);
  window.total += 1;
}

/** All of the curve: after priors came in, or everything was forgotten. */
function repair(curve: CostCurve): void {
  for (let index = 0; index < batchLadder.length; index += 1) measure(curve, index);
  level(curve, 0);
  curve.batchMayPay = mayPay(curve);
}

/** One step has a new sample. Most change no quantile, and then nothing is left to do. */
function remeasure(curve: CostCurve, index: number): void {
  const old50 = curve.own50Ms[index] as number;
  const old95 = curve.own95Ms[index] as number;
  measure(curve, index);
  if (curve.own50Ms[index] === old50 && curve.own95Ms[index] === old95) return;
  level(curve, index);
  curve.batchMayPay = mayPay(curve);
}

function measure(curve: CostCurve, index: number): void {
  const window = curve.windows[index] as SampleWindow | null;
  const prior = curve.priors[index] as LadderCost | null;
  const recent = window === null ? Number.POSITIVE_INFINITY : recentMs(window);
  curve.recentMs[index] = recent;
  curve.own50Ms[index] = window === null ? (prior?.q50Ms ?? Number.NaN) : quantile(window, 0.5);
  curve.own95Ms[index] = window === null ? (prior?.q95Ms ?? Number.NaN) : upperMs(window, recent);
}

/** Monotone repair from the step on: a larger batch is never shorter. */
function level({ q50Ms, q95Ms, own50Ms, own95Ms }: CostCurve, from: number): void {
  let floor50 = 0;
  let floor95 = 0;
  for (let index = 0; index < batchLadder.length; index += 1) {
    if (Number.isNaN(own50Ms[index])) {
      q50Ms[index] = q95Ms[index] = Number.NaN;
      continue;
    }
    if (index >= from) {
      q50Ms[index] = Math.max(floor50, own50Ms[index] as number);
      q95Ms[index] = Math.max(floor95, own95Ms[index] as number);
    }
    floor50 = q50Ms[index] as number;
    floor95 = q95Ms[index] as number;
  }
}

function mayPay({ warmed, q95Ms }: CostCurve): boolean {
  const most = worthLookingShare * (q95Ms[0] as number);
  for (let index = 1; index < batchLadder.length; index += 1) {
    if (warmed[index] === true && (q95Ms[index] as number) < most * (batchLadder[index] as number)) return true;
  }
  return false;
}

/** The 95th percentile, but no more than half above the newest runs: a spell that is over is not believed for 60 runs. */
const upperMs = (window: SampleWindow, recent: number): number => Math.min(quantile(window, 0.95), 1.5 * recent);

/** The slowest of the newest four runs. */
function recentMs({ newest, next, count }: SampleWindow): number {
  let slowest = 0;
  const runs = Math.min(4, count);
  for (let back = 1; back <= runs; back += 1) {
    const runMs = newest[(next - back) & (windowSize - 1)] as number;
    if (runMs > slowest) slowest = runMs;
  }
  return slowest;
}

function quantile(window: SampleWindow, q: number): number {
  return window.sorted[Math.max(0, Math.ceil(q * window.count) - 1)] as number;
}

/** First place of a value that a full window holds. */
function placeIn(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = windowSize;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));
