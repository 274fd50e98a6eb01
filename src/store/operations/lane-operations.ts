import type { LadderCost, LaneName } from '../../shared/domain/lanes.ts';
import type { ShedRecord } from '../../shared/domain/timeline.ts';

/** What the device did in one second. */
export interface LaneSecond {
  /** Seconds since 1970. */
  readonly atS: number;
  readonly liveMs: number;
  readonly archiveMs: number;
  readonly runs: number;
  readonly largestLive: number;
  readonly largestArchive: number;
  readonly shed: number;
}

/** What the device can do, and what it did. */
export interface LaneOperations {
  'costs.load': { in: { device: string; provider: string }; out: readonly (LadderCost & { modelSha256: string })[] };
  'costs.save': {
    in: { device: string; provider: string; costs: readonly (LadderCost & { modelSha256: string })[] };
    out: void;
  };
  /** All batch sizes of one model and input in one lane. */
  'costs.forget': {
    in: { device: string; provider: string; modelSha256: string; input: string; lane: LaneName };
    out: void;
  };
  /** Adds to the seconds that are there; what is older than a day is forgotten, of the shed records all but 50,000. */
  'timeline.add': { in: { seconds: readonly LaneSecond[]; shed: readonly ShedRecord[]; nowMs: number }; out: void };
  /** Seconds [fromS, toS) summed up by `perBucket` from `fromS` on, empty ones left out; the newest shed records. */
  'timeline.read': {
    in: { fromS: number; toS: number; perBucket: number; shedFromMs: number; shedToMs: number; mostShed: number };
    out: {
      buckets: readonly ({ bucket: number } & Omit<LaneSecond, 'atS'>)[];
      shed: readonly ShedRecord[];
    };
  };
}
