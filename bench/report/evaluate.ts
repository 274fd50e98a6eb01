import type { CellName, RoundValues } from '../cells/cell-values.ts';
import { figures, type Figure } from '../figures.ts';
import { latenciesOf, retained, type LaneAccount } from '../lanes/lane-account.ts';
import { cleanRounds, type Rounds } from '../rounds/run-rounds.ts';
import { bootstrapInterval, type Interval } from '../statistics/bootstrap.ts';
import { isClean } from '../statistics/clean-rounds.ts';
import { median, quantile } from '../statistics/quantile.ts';
import { verdictOf, type Verdict } from '../statistics/verdict.ts';

export interface Result {
  /** Null: noise left it undecided, or it was not part of this run. */
  readonly median: number | null;
  readonly lo: number | null;
  readonly hi: number | null;
  readonly gate: number | null;
  readonly stretch: number | null;
  readonly verdict: Verdict;
}

/** How much the archive gets at what price for live frames: one point a policy. */
export interface FrontierPoint {
  readonly policy: string;
  readonly rounds: number;
  readonly p95Ratio: Interval & { readonly median: number };
  /** Of a bare loop at its best size. */
  readonly retained: Interval & { readonly median: number };
}

export interface Noise {
  readonly bestProbeMs: number;
  /** Times the best; null: noise was let in, and no figure of the run means anything. */
  readonly limit: number | null;
  /** Cells that had to be thrown away, and of how many. */
  readonly lostCells: number;
  readonly cells: number;
  /** For each figure that stayed undecided: which cell lost how many rounds, and its worst probe. */
  readonly undecided: Readonly<Record<string, string>>;
  readonly failures: readonly string[];
}

export interface Evaluation {
  readonly results: Readonly<Record<string, Result>>;
  readonly frontier: readonly FrontierPoint[];
  readonly noise: Noise;
  /** Clean rounds behind each figure. */
  readonly cleanRounds: Readonly<Record<string, number>>;
}

export interface EvaluateOptions {
  /** Clean rounds without which nothing is said. */
  readonly leastRounds: number;
  readonly whole: boolean;
  /** What was to be measured at all. */
  readonly cells: ReadonlySet<string>;
  /** A p99 over fewer live frames is none. */
  readonly leastFramesForP99: number;
  readonly cores: number;
  readonly random: () => number;
}

const policies: readonly (readonly [CellName, string])[] = [
  ['strict', 'Nightshift, strict'],
  ['balanced', 'Nightshift, balanced'],
  ['throughput', 'Nightshift, throughput'],
  ['pinned-2', 'Nightshift, throughput, batch 2'],
  ['pinned-4', 'Nightshift, throughput, batch 4'],
  ['pinned-8', 'Nightshift, throughput, batch 8'],
  ['triton-like', 'priority levels, dynamic batches'],
  ['two-sessions', 'two sessions'],
  ['fifo-1', 'one queue, 32 ahead'],
  ['fifo', 'one queue, 4 × 32 ahead'],
];

export function evaluate(rounds: Rounds, options: EvaluateOptions): Evaluation {
  const undecided: Record<string, string> = {};
  const counts: Record<string, number> = {};
  const results: Record<string, Result> = {};
  for (const figure of figures) {
    const { name, gate, stretch } = figure;
    const nothing = { median: null, lo: null, hi: null, gate, stretch };
    const clean = cleanValues(figure.cells, rounds);
    const isAsked = figure.cells.every((cell) => options.cells.has(cell));
    if (!isAsked || (figure.wholeOnly === true && !options.whole)) {
      results[name] = { ...nothing, verdict: 'not-measured' };
      continue;
    }
    counts[name] = clean.length;
    const why =
      clean.length < options.leastRounds ? noiseOf(figure.cells, rounds) : tooFewFrames(figure, clean, options);
    if (why !== null) {
      undecided[name] = why;
      results[name] = { ...nothing, verdict: 'inconclusive' };
      continue;
    }
    const statistic = (sample: readonly Required<RoundValues>[]): number => figure.statistic(sample, options.cores);
    const interval = bootstrapInterval(clean, statistic, options.random);
    const { lo, hi } = interval;
    results[name] = { median: statistic(clean), lo, hi, gate, stretch, verdict: verdictOf(figure, interval) };
  }
  const { bestProbeMs, limit } = rounds.quiet;
  const lost = rounds.samples.filter((sample) => !isClean(sample, bestProbeMs, limit));
  return {
    results,
    frontier: frontier(rounds, options),
    cleanRounds: counts,
    noise: {
      bestProbeMs,
      limit: Number.isFinite(limit) ? limit : null,
      lostCells: lost.length,
      cells: rounds.samples.length,
      undecided,
      failures: rounds.failures.map(({ cell, round, message }) => `${cell}, round ${round + 1}: ${message}`),
    },
  };
}

/** The values of these cells, round by round, where all of them are clean. */
export function cleanValues(cells: readonly CellName[], rounds: Rounds): Required<RoundValues>[] {
  return cleanRounds(cells, rounds.samples, rounds.quiet).map((round) => {
    const values = rounds.samples.filter((sample) => sample.round === round && cells.includes(sample.cell as CellName));
    return Object.fromEntries(values.map(({ cell, value }) => [cell, value])) as Required<RoundValues>;
  });
}

function frontier(rounds: Rounds, { leastRounds, random }: EvaluateOptions): FrontierPoint[] {
  const p95 = (account: LaneAccount): number => quantile(latenciesOf(account), 0.95);
  return policies.flatMap(([cell, policy]) => {
    const clean = cleanValues([cell, 'alone', 'ladder'], rounds);
    if (clean.length < leastRounds) return [];
    const point = (value: (round: Required<RoundValues>) => number): FrontierPoint['retained'] => {
      const values = clean.map(value);
      return { median: median(values), ...bootstrapInterval(values, median, random) };
    };
    return [
      {
        policy,
        rounds: clean.length,
        p95Ratio: point((round) => p95(round[cell] as LaneAccount) / p95(round.alone)),
        retained: point((round) => retained(round[cell] as LaneAccount, round.ladder, 'at-best')),
      },
    ];
  });
}

/** In words: what kept the figure from its rounds. */
function noiseOf(cells: readonly CellName[], { samples, failures, quiet: { bestProbeMs, limit } }: Rounds): string {
  const ofCells = cells.map((cell) => {
    const own = samples.filter((sample) => sample.cell === cell);
    const lost = own.filter((sample) => !isClean(sample, bestProbeMs, limit));
    const worstMs = Math.max(0, ...lost.flatMap(({ beforeMs, afterMs }) => [beforeMs, afterMs]));
    const failed = failures.filter((failure) => failure.cell === cell);
    if (failed.length > 0) return `${cell} failed ${failed.length} times (${failed[0]?.message.split('\n')[0] ?? ''})`;
    if (lost.length === 0)
      return `${cell}: ${own.length} rounds in the time there was (--minutes gives more), none lost`;
    return `${cell}: ${lost.length} of ${own.length} rounds lost, a probe took ${(worstMs / bestProbeMs).toFixed(2)} times the best`;
  });
  return ofCells.join('; ');
}

function tooFewFrames(
  figure: Figure,
  clean: readonly Required<RoundValues>[],
  { leastFramesForP99 }: EvaluateOptions,
): string | null {
  if (figure.name !== 'live_p99_ratio') return null;
  const frames = clean.reduce((sum, { strict }) => sum + strict.captured, 0);
  return frames >= leastFramesForP99 ? null : `${frames} live frames, ${leastFramesForP99} are needed for a p99`;
}
