import type { CellName, CellValues } from './cells/cell-values.ts';
import { laneCells } from './cells/lane-cells.ts';
import { productCells } from './cells/product-cells.ts';
import { figures } from './figures.ts';
import { neighbours, wholeOnly, wholeOnlyCells } from './neighbours.ts';
import type { Rig } from './rig.ts';
import type { Unit } from './rounds/run-rounds.ts';

/** Beside the figures' own: what the frontier and the printed values need. */
const otherSets: readonly (readonly CellName[])[] = [
  ...(['fifo-1', 'balanced', 'throughput', 'triton-like', 'two-sessions'] as const).map(
    (name) => [name, 'alone', 'ladder'] as const,
  ),
  ['bursty-alone', 'bursty-strict'],
  ['load-80-alone'],
  ['archive-auto', 'archive-auto-bare'],
  ['pinned-2'],
  ['pinned-4'],
  ['pinned-8'],
];

/** Far more than any cell takes: something hangs, and the other figures should not wait for it. */
const cellLimitMs = 180_000;

export function makeUnits(rig: Rig): Unit[] {
  const cells = { ...laneCells(rig), ...productCells(rig) } as {
    readonly [K in CellName]: () => Promise<CellValues[K]>;
  };
  const sets = [...figures.map((figure) => figure.cells), ...otherSets];
  return Object.entries(neighbours)
    .filter(([name]) => rig.options.only?.includes(name) ?? (rig.plan.whole || !wholeOnly.includes(name)))
    .map(([name, all]) => [name, all.filter((cell) => rig.plan.whole || !wholeOnlyCells.includes(cell))] as const)
    .map(([name, names]) => ({
      name,
      cells: names.map((cell) => ({ name: cell, run: () => withinLimit(cells[cell]()) })),
      sets: sets.filter((set) => set.every((cell) => names.includes(cell))),
      rounds: name.startsWith('live') ? rig.plan.liveRounds : rig.plan.rounds,
    }));
}

async function withinLimit(work: Promise<unknown>): Promise<unknown> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`it did not end within ${cellLimitMs / 1000} s`));
    }, cellLimitMs);
  });
  return Promise.race([work, late]).finally(() => {
    clearTimeout(timer);
  });
}
