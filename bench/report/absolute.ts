import type { CellName, RoundValues } from '../cells/cell-values.ts';
import {
  archiveRate,
  latenciesOf,
  missShare,
  spendingOf,
  type LaneAccount,
  type Spending,
} from '../lanes/lane-account.ts';
import type { Rig } from '../rig.ts';
import type { Rounds } from '../rounds/run-rounds.ts';
import { median, quantile } from '../statistics/quantile.ts';
import { cleanValues } from './evaluate.ts';

/** Values in units of their own, medians over clean rounds: printed, never judged, for they are the machine's as much as ours. */
export function absoluteValues(rounds: Rounds, rig: Rig): Readonly<Record<string, number>> {
  const found: Record<string, number> = {};
  const add = <K extends CellName>(
    name: string,
    cell: K,
    value: (measured: Required<RoundValues>[K]) => number,
  ): void => {
    const values = cleanValues([cell], rounds).map((round) => value(round[cell]));
    if (values.length > 0) found[name] = Number(median(values).toPrecision(4));
  };
  const p95 = (account: LaneAccount): number => quantile(latenciesOf(account), 0.95);
  const rate = (account: LaneAccount): number => archiveRate(account);
  found['bare call of one picture, ms'] = Number(rig.aloneMs.toPrecision(4));
  found['live frames/s of all cameras at load 0.3'] = Number((rig.cameraFps * 6).toPrecision(4));
  for (const cell of [
    'alone',
    'strict',
    'balanced',
    'throughput',
    'triton-like',
    'two-sessions',
    'fifo-1',
    'fifo',
  ] as const) {
    add(`live p95, ${cell}, ms`, cell, p95);
    if (cell !== 'alone') add(`archive beside live, ${cell}, pictures/s`, cell, rate);
  }
  for (const cell of ['bursty-alone', 'bursty-strict'] as const) add(`live p95, ${cell}, ms`, cell, p95);
  const loadedCells = ['load-80-alone', 'load-80'] as const;
  for (const cell of loadedCells) {
    const accounts = cleanValues([cell], rounds).map((round) => round[cell]);
    if (accounts.length === 0) continue;
    const frames = accounts.reduce((sum, { captured }) => sum + captured, 0);
    const share = (count: number): number => Number((count / frames).toPrecision(3));
    found[`share of frames without a result in time, ${cell}`] = Number(
      missShare(accounts, accounts[0]?.sloMs ?? Number.NaN).toPrecision(3),
    );
    for (const reason of new Set(accounts.flatMap(({ droppedBy }) => [...droppedBy.keys()]))) {
      found[`of it ${reason}, ${cell}`] = share(
        accounts.reduce((sum, { droppedBy }) => sum + (droppedBy.get(reason) ?? 0), 0),
      );
    }
  }
  // What `archive_retained` leaves out, in its parts.
  const spent = cleanValues(['strict', 'ladder'], rounds).map(({ strict, ladder }) => spendingOf(strict, ladder));
  const addSpent = (name: string, part: keyof Spending): void => {
    if (spent.length > 0) found[name] = Number(median(spent.map((spending) => spending[part])).toPrecision(3));
  };
  addSpent('strict, share of the time in live calls', 'live');
  addSpent('strict, share of the time in archive calls', 'archive');
  addSpent('strict, share of the time between calls', 'between');
  addSpent('strict, an archive call / a bare call of its size', 'callRatio');
  add('live p50, alone, ms', 'alone', (account) => quantile(latenciesOf(account), 0.5));
  add('live p50, strict, ms', 'strict', (account) => quantile(latenciesOf(account), 0.5));
  add('dispatch p50, µs', 'strict', ({ dispatchP50Us }) => dispatchP50Us);
  add('dispatch p99, µs', 'strict', ({ dispatchP99Us }) => dispatchP99Us);
  add('of it the message from process to process, p99, µs', 'strict', ({ dispatchWireP99Us }) => dispatchWireP99Us);
  for (const size of rig.ladder) {
    add(`bare loop at ${size}, pictures/s`, 'ladder', (ladder) => (size * 1000) / (ladder.get(size) ?? Number.NaN));
  }
  add(`archive alone at ${rig.archiveBatch}, pictures/s`, 'archive', rate);
  add('archive alone, auto, pictures/s', 'archive-auto', rate);
  add('bare loop beside it, pictures/s', 'archive-auto-bare', ({ imagesPerSecond }) => imagesPerSecond);
  const { width, height } = rig.scan.input;
  add(
    `scan at ${width}×${height}, batch ${rig.scan.batch}, frames/s`,
    'scan',
    ({ frames, seconds }) => frames / seconds,
  );
  add(
    'scan, cores busy',
    'scan',
    ({ controlCpuMs, engineCpuMs, seconds }) => (controlCpuMs + engineCpuMs) / seconds / 1000,
  );
  add('scan of quiet footage with the motion gate, frames/s', 'scan-quiet', ({ frames, seconds }) => frames / seconds);
  add('share of frames that the motion gate passed over', 'scan-quiet', ({ inherited, frames }) => inherited / frames);
  add('script, same input, frames/s', 'script-fitted', ({ frames, seconds }) => frames / seconds);
  add('script, quiet footage, frames/s', 'script-quiet', ({ frames, seconds }) => frames / seconds);
  add('script, square input, frames/s', 'script-square', ({ frames, seconds }) => frames / seconds);
  add('decoding, core-ms a frame', 'core-decode', ({ coreMs }) => coreMs);
  add('inference, core-ms a frame', 'core-inference', ({ coreMs }) => coreMs);
  add('store, core-ms a frame', 'core-store', ({ coreMs }) => coreMs);
  add('bare better-sqlite3 loop, rows/s', 'store', ({ bareRowsPerSecond }) => bareRowsPerSecond);
  for (const query of ['totals', 'density', 'coverage', 'rows', 'review']) {
    add(
      `query ${query} over ${rig.query.rows.toLocaleString('en')} detections, ms`,
      'query',
      (times) => times[query] ?? Number.NaN,
    );
  }
  add('application with one camera, share of a core', 'idle', ({ share }) => share);
  add('decoding of one camera, share of a core', 'idle-decode', ({ share }) => share);
  return found;
}
