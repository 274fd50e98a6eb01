import type { CellName, RoundValues } from './cells/cell-values.ts';
import { archiveRate, latenciesOf, missShare, retained, type LaneAccount } from './lanes/lane-account.ts';
import { median, quantile } from './statistics/quantile.ts';
import type { Goal } from './statistics/verdict.ts';

/** The names of the figures are part of the JSON and do not change. */
export interface Figure extends Goal {
  readonly name: string;
  /** What it says, for the table. */
  readonly says: string;
  /** Cells that must be clean in the same round. */
  readonly cells: readonly CellName[];
  /** Over the clean rounds: the median of what each gives, or one value of all together. */
  readonly statistic: (rounds: readonly Required<RoundValues>[], cores: number) => number;
  /** Needs more frames than a quick run has. */
  readonly wholeOnly?: boolean;
}

const p95 = (account: LaneAccount): number => quantile(latenciesOf(account), 0.95);
const fps = ({ frames, seconds }: { readonly frames: number; readonly seconds: number }): number => frames / seconds;
const pooled = (accounts: readonly LaneAccount[]): number[] => accounts.flatMap(latenciesOf);

/** The median over rounds of one value a round, which is worked out once however often the round is drawn. */
function each(value: (round: Required<RoundValues>, cores: number) => number): Figure['statistic'] {
  const known = new WeakMap<Required<RoundValues>, number>();
  return (rounds, cores) =>
    median(
      rounds.map((round) => {
        const found = known.get(round) ?? value(round, cores);
        known.set(round, found);
        return found;
      }),
    );
}

export const figures: readonly Figure[] = [
  {
    name: 'live_p95_ratio',
    says: 'live p95 beside a saturating archive / live alone; strict, load 0.3',
    better: 'lower',
    gate: 1.5,
    stretch: 1.25,
    cells: ['strict', 'alone'],
    statistic: each(({ strict, alone }) => p95(strict) / p95(alone)),
  },
  {
    name: 'live_p99_ratio',
    says: 'the same at p99, over the frames of all rounds',
    better: 'lower',
    gate: 1.6,
    stretch: null,
    cells: ['strict', 'alone'],
    statistic: (rounds) =>
      quantile(pooled(rounds.map(({ strict }) => strict)), 0.99) /
      quantile(pooled(rounds.map(({ alone }) => alone)), 0.99),
    wholeOnly: true,
  },
  {
    name: 'fifo_p95_ratio',
    says: 'live p95 of one queue with 4 × 32 archive frames ahead / ours',
    better: 'higher',
    gate: 50,
    stretch: 100,
    cells: ['fifo', 'strict'],
    statistic: each(({ fifo, strict }) => p95(fifo) / p95(strict)),
  },
  {
    name: 'triton_like_p95_ratio',
    says: 'live p95 of priority levels with dynamic batching and no budget / ours',
    better: 'higher',
    gate: null,
    stretch: null,
    cells: ['triton-like', 'strict'],
    statistic: each(({ 'triton-like': triton, strict }) => p95(triton) / p95(strict)),
  },
  {
    name: 'archive_alone_ratio',
    says: 'archive without cameras / bare onnxruntime loop at the same batch, a call of 9 ms and more',
    better: 'higher',
    gate: 0.98,
    stretch: 0.995,
    cells: ['archive', 'archive-bare'],
    statistic: each(({ archive, 'archive-bare': bare }) => archiveRate(archive) / bare.imagesPerSecond),
  },
  {
    name: 'archive_retained',
    says: 'archive under live / what live left over of a bare loop with the same chunks',
    better: 'higher',
    gate: 0.9,
    stretch: 0.95,
    cells: ['strict', 'ladder'],
    statistic: each(({ strict, ladder }) => retained(strict, ladder, 'at-chunk')),
  },
  {
    name: 'slo_miss_at_80',
    says: 'share of live frames without a result within 200 ms; live load 0.8 beside a saturating archive',
    better: 'lower',
    gate: 0.001,
    stretch: 0.0001,
    cells: ['load-80'],
    statistic: (rounds) => {
      const all = rounds.map((round) => round['load-80']);
      return missShare(all, all[0]?.sloMs ?? Number.NaN);
    },
  },
  {
    name: 'end_to_end_ratio',
    says: 'frames/s of a scan / F*: cores · 1000 / core-ms of decoding, inference and store for a frame',
    better: 'higher',
    gate: 0.85,
    stretch: 0.96,
    cells: ['scan', 'core-decode', 'core-inference', 'core-store'],
    statistic: each(
      (round, cores) =>
        fps(round.scan) /
        ((cores * 1000) / (round['core-decode'].coreMs + round['core-inference'].coreMs + round['core-store'].coreMs)),
    ),
  },
  {
    name: 'script_ratio',
    says: 'scan / plain script with the same libraries and input size',
    better: 'higher',
    gate: 1.08,
    stretch: 1.15,
    cells: ['scan', 'script-fitted'],
    statistic: each(({ scan, 'script-fitted': script }) => fps(scan) / fps(script)),
  },
  {
    name: 'script_ratio_fitted',
    says: 'scan with its fitted input / plain script with the square one',
    better: 'higher',
    gate: 1.35,
    stretch: null,
    cells: ['scan', 'script-square'],
    statistic: each(({ scan, 'script-square': script }) => fps(scan) / fps(script)),
  },
  {
    name: 'script_ratio_motion',
    says: 'scan with the motion gate / plain script with the square input; footage in which something moves a fifth of the time',
    better: 'higher',
    gate: 2,
    stretch: null,
    cells: ['scan-quiet', 'script-quiet'],
    statistic: each(({ 'scan-quiet': scan, 'script-quiet': script }) => fps(scan) / fps(script)),
  },
  {
    name: 'ticket_ns_1',
    says: "ns of a ticket's whole way through the scheduler at 1 camera",
    better: 'lower',
    gate: null,
    stretch: null,
    cells: ['tickets'],
    statistic: each(({ tickets }) => tickets.one),
  },
  {
    name: 'ticket_ns_1000',
    says: 'the same at 1,000 cameras',
    better: 'lower',
    gate: 300,
    stretch: 100,
    cells: ['tickets'],
    statistic: each(({ tickets }) => tickets.thousand),
  },
  {
    name: 'dispatch_p99_us',
    says: 'µs from the decision to the native call, p99',
    better: 'lower',
    gate: 100,
    stretch: 50,
    cells: ['strict'],
    statistic: each(({ strict }) => strict.dispatchP99Us),
  },
  {
    name: 'store_ratio',
    says: 'results.commit, message to COMMIT, 2,000 rows a transaction / bare better-sqlite3 loop on the same schema',
    better: 'higher',
    gate: 0.7,
    stretch: 0.9,
    cells: ['store'],
    statistic: each(({ store }) => store.productRowsPerSecond / store.bareRowsPerSecond),
  },
  {
    name: 'store_rows_per_s',
    says: 'detections a second through that operation',
    better: 'higher',
    gate: null,
    stretch: null,
    cells: ['store'],
    statistic: each(({ store }) => store.productRowsPerSecond),
  },
  {
    name: 'query_ms',
    says: 'ms of the slowest query of a report or the dashboard',
    better: 'lower',
    gate: 50,
    stretch: 16,
    cells: ['query'],
    statistic: each(({ query }) => Math.max(...Object.values(query))),
  },
  {
    name: 'idle_cpu_share',
    says: 'share of a core beyond decoding, sessions loaded, one live camera at 5 frames/s',
    better: 'lower',
    gate: 0.05,
    stretch: 0.03,
    cells: ['idle', 'idle-decode'],
    statistic: each(({ idle, 'idle-decode': decode }) => idle.share - decode.share),
  },
  {
    name: 'main_loop_p99_ms',
    says: "delay of the control plane's event loop in a scan at full load, p99, ms",
    better: 'lower',
    gate: 8,
    stretch: 3,
    cells: ['scan'],
    statistic: each(({ scan }) => scan.loopDelayP99Ms),
  },
];
