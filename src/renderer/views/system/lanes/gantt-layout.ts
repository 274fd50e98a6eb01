import { laneNames, type LaneName } from '../../../../shared/domain/lanes.ts';
import type { RunRecord, ShedRecord, Timeline, TimelineBucket } from '../../../../shared/domain/timeline.ts';
import type { TimeWindow } from '../../../state/time-window.ts';

/** Heights in CSS pixels: what was shed, a row for each lane of each executor, batch sizes, the axis. */
export const heights = { shed: 16, lane: 34, gap: 6, batch: 44, axis: 22 } as const;

/** What a shape tells when it is pointed at. */
export type Told =
  | { readonly kind: 'run'; readonly run: RunRecord }
  | { readonly kind: 'bucket'; readonly bucket: TimelineBucket }
  | { readonly kind: 'shed'; readonly records: readonly ShedRecord[] };

export interface Shape {
  readonly kind: 'bar' | 'batch' | 'shed';
  readonly lane: LaneName;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly told: Told;
  /** A run that is still under way. */
  readonly isOpen: boolean;
  /** Where the prediction ended; null where there is no room to show it. */
  readonly predictedX: number | null;
  readonly text: string | null;
}

export interface Gantt {
  readonly mode: 'runs' | 'buckets';
  readonly shapes: readonly Shape[];
  /** Executors that have a row, ascending. */
  readonly slots: readonly number[];
  readonly height: number;
  readonly batchTop: number;
  readonly axisTop: number;
}

const mostShapes = 2_000;
const shapesOfBucket = 4;
const shapesOfRun = 2;
const shedColumnPx = 6;
const roomForTextPx = 15;
const roomForPredictionPx = 24;
const largestBatchLog = 7; // 128

/** Pure: what to draw of a timeline in a window that is `width` pixels wide. What lies outside of it is left out. */
export function layoutGantt(timeline: Timeline | null, window: TimeWindow, width: number, nowMs: number): Gantt {
  const runs = drawableRuns(timeline);
  const slots = slotsOf(runs);
  const laneTop = (slot: number, lane: LaneName): number =>
    heights.shed + (slots.indexOf(slot) * laneNames.length + laneNames.indexOf(lane)) * (heights.lane + heights.gap);
  const batchTop = heights.shed + slots.length * laneNames.length * (heights.lane + heights.gap);
  const axisTop = batchTop + heights.batch + heights.gap;
  const scale = width / (window.toMs - window.fromMs);
  const x = (atMs: number): number => (atMs - window.fromMs) * scale;
  const batchY = (batch: number): number =>
    batchTop + heights.batch - 3 - (Math.log2(Math.max(1, batch)) / largestBatchLog) * (heights.batch - 4);
  const isSeen = (fromMs: number, toMs: number): boolean => toMs > window.fromMs && fromMs < window.toMs;

  const shapes: Shape[] = [];
  const batchMark = (lane: LaneName, left: number, right: number, batch: number, told: Told): Shape => ({
    kind: 'batch',
    lane,
    x: left,
    y: batchY(batch),
    width: Math.max(1.5, right - left),
    height: 3,
    told,
    isOpen: false,
    predictedX: null,
    text: null,
  });

  if (runs !== null) {
    for (const run of runs) {
      const endMs = run.startedAtMs + (run.actualMs ?? Math.max(0, nowMs - run.startedAtMs));
      if (!isSeen(run.startedAtMs, endMs)) continue;
      const told: Told = { kind: 'run', run };
      const [left, right] = [x(run.startedAtMs), x(endMs)];
      const barWidth = Math.max(1, right - left);
      const predicted = x(run.startedAtMs + run.predictedMs);
      shapes.push({
        kind: 'bar',
        lane: run.lane,
        x: left,
        y: laneTop(run.slot, run.lane),
        width: barWidth,
        height: heights.lane,
        told,
        isOpen: run.actualMs === null,
        predictedX: barWidth >= roomForPredictionPx && predicted < right ? predicted : null,
        text: barWidth >= roomForTextPx ? String(run.batch) : null,
      });
      shapes.push(batchMark(run.lane, left, right, run.batch, told));
    }
  }
  // Where single runs are not kept any more (or were another process's), their shares of time still are.
  const bucketsUntilMs = runs === null ? Infinity : (timeline?.keptFromMs ?? 0);
  for (const bucket of timeline?.buckets ?? []) {
    if (bucket.toMs > bucketsUntilMs || bucket.runs === 0 || !isSeen(bucket.fromMs, bucket.toMs)) continue;
    const told: Told = { kind: 'bucket', bucket };
    const [left, right] = [x(bucket.fromMs), x(bucket.toMs)];
    for (const lane of laneNames) {
      const share = Math.min(1, bucket[lane]);
      if (share > 0) {
        const height = Math.max(1, share * heights.lane);
        shapes.push({
          kind: 'bar',
          lane,
          x: left,
          y: laneTop(0, lane) + heights.lane - height,
          width: Math.max(1, right - left),
          height,
          told,
          isOpen: false,
          predictedX: null,
          text: null,
        });
      }
      const largest = lane === 'live' ? bucket.largestLive : bucket.largestArchive;
      if (largest > 0) shapes.push(batchMark(lane, left, right, largest, told));
    }
  }

  // A mark for each few pixels, however much was shed in them.
  const columns = new Map<number, ShedRecord[]>();
  for (const record of timeline?.shed ?? []) {
    if (!isSeen(record.atMs, record.atMs + 1)) continue;
    const column = Math.floor(x(record.atMs) / shedColumnPx);
    const records = columns.get(column);
    if (records === undefined) columns.set(column, [record]);
    else records.push(record);
  }
  for (const [column, records] of columns) {
    shapes.push({
      kind: 'shed',
      lane: records.some((record) => record.camera !== null) ? 'live' : 'archive',
      x: column * shedColumnPx,
      y: 2,
      width: shedColumnPx,
      height: heights.shed - 5,
      told: { kind: 'shed', records },
      isOpen: false,
      predictedX: null,
      text: null,
    });
  }
  return {
    mode: runs === null ? 'buckets' : 'runs',
    shapes,
    slots,
    height: axisTop + heights.axis,
    batchTop,
    axisTop,
  };
}

/** Null where single runs and the stretches before the first that is kept would be too many together. */
function drawableRuns(timeline: Timeline | null): readonly RunRecord[] | null {
  if (timeline?.runs == null) return null;
  const older = timeline.buckets.filter(({ toMs, runs }) => toMs <= timeline.keptFromMs && runs > 0).length;
  const shapes = older * shapesOfBucket + timeline.runs.length * shapesOfRun;
  return older > 0 && shapes > mostShapes ? null : timeline.runs;
}

/** Stretches are of all executors together; single runs have a row for each. */
function slotsOf(runs: readonly RunRecord[] | null): readonly number[] {
  const slots = [...new Set([0, ...(runs ?? []).map((run) => run.slot)])];
  return slots.toSorted((a, b) => a - b);
}

/** The shape at a point, a few pixels of tolerance to the sides: one pixel wide bars can be pointed at too. */
export function shapeAt(gantt: Gantt, x: number, y: number, tolerancePx = 3): Shape | null {
  let nearest: Shape | null = null;
  let nearestPx = tolerancePx;
  for (const shape of gantt.shapes) {
    if (y < (shape.kind === 'bar' ? shape.y + shape.height - heights.lane : shape.y - 3)) continue;
    if (y > shape.y + shape.height + 3) continue;
    const distance = Math.max(shape.x - x, x - shape.x - shape.width, 0);
    if (distance > nearestPx || (distance === nearestPx && nearest !== null)) continue;
    nearest = shape;
    nearestPx = distance;
  }
  return nearest;
}
