import { isClean, type Probed } from '../statistics/clean-rounds.ts';

/** One thing that is measured, once a round. */
export interface Cell {
  readonly name: string;
  readonly run: () => Promise<unknown>;
}

/** Cells that belong together: they run one right after the other, in this order or reversed. */
export interface Unit {
  readonly name: string;
  readonly cells: readonly Cell[];
  /** Names of cells that are compared with each other: each such set is wanted clean in so many rounds. */
  readonly sets: readonly (readonly string[])[];
  readonly rounds: number;
}

export interface Sample extends Probed {
  readonly cell: string;
  readonly unit: string;
  readonly round: number;
  readonly value: unknown;
}

export interface CellFailure {
  readonly cell: string;
  readonly round: number;
  readonly message: string;
}

export interface Rounds {
  readonly samples: readonly Sample[];
  readonly failures: readonly CellFailure[];
  readonly rounds: number;
  readonly quiet: Quiet;
}

/** What counts as undisturbed: a probe of at most `limit` times the best. */
export interface Quiet {
  readonly bestProbeMs: number;
  readonly limit: number;
}

export interface RoundsOptions {
  readonly units: readonly Unit[];
  readonly random: () => number;
  readonly probe: () => Promise<number>;
  readonly noiseLimit: number;
  readonly nowMs: () => number;
  /** No cell is begun that is expected to end after this. */
  readonly untilMs: number;
  /** `spentMs`: the longest that each cell has taken so far. */
  readonly progress: (state: {
    readonly round: number;
    readonly cell: string;
    readonly spentMs: ReadonlyMap<string, number>;
  }) => void;
}

/** A cell that failed this often, and more often than not, is given up, and with it what it is compared with. */
const failuresAllowed = 2;

/**
 * Rounds until every set of cells has its clean ones or the time is up. Each round takes the units that still lack some
 * in a fresh random order, and of them the cells that are still wanted. Between two cells one probe serves both.
 */
export async function runRounds(options: RoundsOptions): Promise<Rounds> {
  const { units, random, probe, nowMs, untilMs, progress } = options;
  const samples: Sample[] = [];
  const failures: CellFailure[] = [];
  const tookMs = new Map<string, number>();
  let quiet: Quiet = { bestProbeMs: Number.POSITIVE_INFINITY, limit: options.noiseLimit };
  const measured = async (): Promise<number> => {
    const elapsedMs = await probe();
    quiet = { ...quiet, bestProbeMs: Math.min(quiet.bestProbeMs, elapsedMs) };
    return elapsedMs;
  };
  const fits = (cells: readonly Cell[]): boolean =>
    nowMs() + cells.reduce((sum, { name }) => sum + (tookMs.get(name) ?? 0), 0) < untilMs;
  for (let round = 0; ; round++) {
    const order = shuffled(units, random)
      .map((unit) => ({ unit, cells: wantedCells(unit, samples, failures, quiet) }))
      .filter(({ cells }) => cells.length > 0 && fits(cells));
    if (order.length === 0) return { samples, failures, rounds: round, quiet };
    for (const { unit, cells } of order) {
      if (!fits(cells)) continue;
      let beforeMs = await measured();
      for (const { name: cell, run } of random() < 0.5 ? cells : [...cells].reverse()) {
        progress({ round, cell, spentMs: tookMs });
        const startMs = nowMs();
        try {
          const value = await run();
          const endMs = nowMs();
          const afterMs = await measured();
          samples.push({ cell, unit: unit.name, round, value, beforeMs, afterMs });
          beforeMs = afterMs;
          tookMs.set(cell, Math.max(tookMs.get(cell) ?? 0, endMs - startMs));
        } catch (caught) {
          failures.push({ cell, round, message: caught instanceof Error ? caught.message : String(caught) });
          beforeMs = await measured();
        }
      }
    }
  }
}

/** Rounds in which all of these cells were measured and no probe shows noise. */
export function cleanRounds(cells: readonly string[], samples: readonly Sample[], quiet: Quiet): number[] {
  const rounds = new Map<number, number>();
  for (const sample of samples) {
    if (!cells.includes(sample.cell) || !isClean(sample, quiet.bestProbeMs, quiet.limit)) continue;
    rounds.set(sample.round, (rounds.get(sample.round) ?? 0) + 1);
  }
  return [...rounds].filter(([, count]) => count === cells.length).map(([round]) => round);
}

function wantedCells(
  unit: Unit,
  samples: readonly Sample[],
  failures: readonly CellFailure[],
  quiet: Quiet,
): readonly Cell[] {
  const isGivenUp = (name: string): boolean => {
    const failed = failures.filter(({ cell }) => cell === name).length;
    return failed >= failuresAllowed && failed > samples.filter(({ cell }) => cell === name).length;
  };
  const lacking = unit.sets.filter(
    (set) => !set.some(isGivenUp) && cleanRounds(set, samples, quiet).length < unit.rounds,
  );
  return unit.cells.filter(({ name }) => lacking.some((set) => set.includes(name)));
}

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const order = [...values];
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other] as T, order[last] as T];
  }
  return order;
}
