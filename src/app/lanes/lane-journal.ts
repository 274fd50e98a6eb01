import type { ShedRecord, TimelineBucket } from '../../shared/domain/timeline.ts';
import { addSum, emptySum, LaneSeconds, type SecondsSum } from './lane-seconds.ts';
import { RunRing, type KeptRun, type StartedRun } from './run-ring.ts';
import { ShedLog } from './shed-log.ts';

/** Below a second, stretches are added up from single runs: of so many at most, else they are made a second long. */
const mostRunsForFineBuckets = 20_000;
const secondMs = 1000;
/** The largest moment that a date can show. */
const lastMs = 8.64e15;

/** How an asked range is cut: `whole` stretches begin and last whole seconds. */
export interface BucketPlan {
  readonly fromMs: number;
  readonly widthMs: number;
  readonly count: number;
  readonly whole: boolean;
}

export interface TimelineRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Everything the device did, as it is recorded and as it is read; bounded, in memory, no I/O. */
export class LaneJournal {
  readonly runs = new RunRing();
  readonly seconds = new LaneSeconds();
  readonly shed = new ShedLog();
  started(run: StartedRun, monoMs: number, epochMs: number): number {
    return this.runs.started(run, monoMs, epochMs);
  }

  /** `run`: as it was started, and when by the wall clock. */
  ended(seq: number, run: StartedRun & { readonly startedAtMs: number }, actualMs: number): void {
    this.runs.ended(seq, actualMs);
    this.seconds.addRun(run.startedAtMs, run.startedAtMs + Math.max(0, actualMs), run.lane, run.batch);
  }

  gaveWay(record: ShedRecord): void {
    this.shed.add(record);
    this.seconds.addShed(record.atMs, record.frames);
  }

  /** Epoch ms from which on single runs are kept. */
  keptFromMs(nowMs: number): number {
    return this.runs.keptFromMs ?? nowMs;
  }

  readRuns({ fromMs, toMs }: TimelineRange, most: number, nowMonoMs: number): readonly KeptRun[] | null {
    return this.runs.read(fromMs, toMs, most, nowMonoMs);
  }

  /** At most `most` stretches: of whole seconds, or shorter ones where single runs are kept and few enough. */
  plan({ fromMs, toMs }: TimelineRange, most: number, nowMs: number): BucketPlan {
    const fineMs = (toMs - fromMs) / most;
    const isKept = fromMs >= this.keptFromMs(nowMs);
    if (fineMs < secondMs && isKept && this.runs.countAtMost(fromMs, toMs) <= mostRunsForFineBuckets) {
      return { fromMs, widthMs: fineMs, count: most, whole: false };
    }
    const firstMs = Math.floor(fromMs / secondMs) * secondMs;
    const spanMs = Math.ceil(toMs / secondMs) * secondMs - firstMs;
    const widthMs = Math.max(1, Math.ceil(spanMs / most / secondMs)) * secondMs;
    return { fromMs: firstMs, widthMs, count: Math.ceil(spanMs / widthMs), whole: true };
  }

  /** `older`: what the store has of the stretches, by their index. */
  buckets(
    plan: BucketPlan,
    older: readonly { readonly bucket: number; readonly sum: SecondsSum }[],
    nowMonoMs: number,
  ): readonly TimelineBucket[] {
    const sums = Array.from({ length: plan.count }, emptySum);
    if (plan.whole) {
      this.seconds.sumInto(sums, plan.fromMs / secondMs, plan.widthMs / secondMs);
      for (const { bucket, sum } of older) {
        const into = sums[bucket];
        if (into !== undefined) addSum(into, sum);
      }
    } else {
      this.#sumRuns(sums, plan, nowMonoMs);
    }
    return sums.map((sum, index) => ({
      fromMs: plan.fromMs + index * plan.widthMs,
      toMs: plan.fromMs + (index + 1) * plan.widthMs,
      live: Math.min(1, sum.liveMs / plan.widthMs),
      archive: Math.min(1, sum.archiveMs / plan.widthMs),
      runs: sum.runs,
      largestLive: sum.largestLive,
      largestArchive: sum.largestArchive,
      shed: sum.shed,
    }));
  }

  #sumRuns(sums: readonly SecondsSum[], { fromMs, widthMs, count }: BucketPlan, nowMonoMs: number): void {
    const toMs = fromMs + count * widthMs;
    this.runs.each(fromMs, toMs, nowMonoMs, (startMs, endMs, lane, batch) => {
      const first = Math.floor((startMs - fromMs) / widthMs);
      const last = Math.min(count - 1, Math.floor((endMs - fromMs) / widthMs));
      if (first >= 0) (sums[first] as SecondsSum).runs += 1;
      for (let index = Math.max(0, first); index <= last; index += 1) {
        const sum = sums[index] as SecondsSum;
        const bucketMs = fromMs + index * widthMs;
        const spentMs = Math.max(0, Math.min(endMs, bucketMs + widthMs) - Math.max(startMs, bucketMs));
        if (lane === 'live') {
          sum.liveMs += spentMs;
          sum.largestLive = Math.max(sum.largestLive, batch);
        } else {
          sum.archiveMs += spentMs;
          sum.largestArchive = Math.max(sum.largestArchive, batch);
        }
      }
    });
    for (const { atMs, frames } of this.shed.read(fromMs, toMs)) {
      (sums[Math.min(count - 1, Math.floor((atMs - fromMs) / widthMs))] as SecondsSum).shed += frames;
    }
  }
}

/** A range that somebody typed, cut down to moments that exist. */
export function saneRange({ fromMs, toMs }: TimelineRange): TimelineRange {
  const from = Math.min(Math.max(0, fromMs), lastMs - secondMs);
  return { fromMs: from, toMs: Math.max(from + 1, Math.min(toMs, lastMs)) };
}
