import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/core/testing/seeded-random.ts';
import type { CellName, CellValues } from '../cells/cell-values.ts';
import { figures } from '../figures.ts';
import type { LaneAccount } from '../lanes/lane-account.ts';
import type { Rounds, Sample } from '../rounds/run-rounds.ts';
import type { BenchReport } from './bench-report.ts';
import { evaluate, type EvaluateOptions } from './evaluate.ts';
import { withReport } from './markdown.ts';

const options = (whole = true): EvaluateOptions => ({
  leastRounds: 5,
  whole,
  cells: new Set(Object.keys(good)),
  leastFramesForP99: 100,
  cores: 2,
  random: seededRandom(1),
});

/** One second in which frames took `ms` or, one in twenty, four times that, and the archive ran `archive` pictures. */
function account(ms: number, archive: number): LaneAccount {
  return {
    captured: 30,
    dropped: 0,
    droppedBy: new Map(),
    latencies: Array.from({ length: 30 }, (_, index) => (index % 20 === 0 ? 4 * ms : ms)),
    liveBySize: new Map([[1, 30]]),
    archiveBySize: new Map([[1, archive]]),
    calledMs: { live: 300, archive: 10 * archive },
    firstArchive: { monoMs: 0, callSize: 1 },
    lastArchiveMonoMs: 1_000,
    stretchMs: 1_000,
  };
}

const scan = {
  frames: 100,
  inherited: 0,
  detections: 400,
  seconds: 1,
  input: { width: 416, height: 320 },
  batch: 32,
  loopDelayP99Ms: 2,
  controlCpuMs: 100,
  engineCpuMs: 1_800,
};
const script = { frames: 100, detections: 400, seconds: 1.12 };

/** A good machine: every figure well within its gate. Calls take 10 ms. */
const good: CellValues = {
  ladder: new Map([
    [1, 10],
    [32, 320],
  ]),
  alone: account(10, 0),
  strict: { ...account(11, 68), dispatchP50Us: 40, dispatchP99Us: 60, dispatchWireP99Us: 50 },
  balanced: account(15, 70),
  throughput: account(25, 70),
  'pinned-2': account(25, 70),
  'pinned-4': account(25, 70),
  'pinned-8': account(25, 70),
  fifo: account(1_500, 70),
  'fifo-1': account(400, 70),
  'triton-like': account(200, 70),
  'two-sessions': account(20, 50),
  'bursty-alone': account(12, 0),
  'bursty-strict': account(14, 60),
  'load-80': { ...account(12, 10), sloMs: 200 },
  'load-80-alone': { ...account(12, 0), sloMs: 200 },
  archive: account(10, 100),
  'archive-bare': { imagesPerSecond: 100 },
  'archive-auto': account(10, 100),
  'archive-auto-bare': { imagesPerSecond: 100 },
  scan,
  'scan-quiet': { ...scan, seconds: 0.5, inherited: 60 },
  'script-quiet': { ...script, seconds: 1.4 },
  'script-square': { ...script, seconds: 1.4 },
  'script-fitted': script,
  'core-decode': { coreMs: 3 },
  'core-inference': { coreMs: 15 },
  'core-store': { coreMs: 0.5 },
  store: { productRowsPerSecond: 300_000, bareRowsPerSecond: 350_000 },
  tickets: { one: 40, thousand: 90 },
  query: { totals: 1, rows: 3 },
  idle: { share: 0.12 },
  'idle-decode': { share: 0.09 },
};

function rounds(
  count: number,
  values: CellValues,
  probeMs: (cell: string, round: number) => number = () => 50,
): Rounds {
  const samples = Array.from({ length: count }, (_, round) =>
    (Object.keys(values) as CellName[]).map((cell): Sample => ({
      cell,
      unit: 'all',
      round,
      value: values[cell],
      beforeMs: 50,
      afterMs: probeMs(cell, round),
    })),
  ).flat();
  return { samples, failures: [], rounds: count, quiet: { bestProbeMs: 50, limit: 1.1 } };
}

test('a good machine meets every gate, and every figure of the list is there', () => {
  const { results, frontier, noise } = evaluate(rounds(6, good), options());
  expect(Object.keys(results)).toEqual(figures.map(({ name }) => name));
  for (const [name, { verdict }] of Object.entries(results)) {
    expect([name, verdict]).toEqual([name, expect.stringMatching(/^(met|stretch|reported)$/)]);
  }
  expect(results['live_p95_ratio']).toEqual({
    median: 1.1,
    lo: 1.1,
    hi: 1.1,
    gate: 1.5,
    stretch: 1.25,
    verdict: 'stretch',
  });
  expect(results['archive_retained']?.median).toBeCloseTo(68 / 70);
  expect(results['end_to_end_ratio']?.median).toBeCloseTo(100 / (2_000 / 18.5));
  expect(results['query_ms']?.median).toBe(3);
  expect(frontier).toHaveLength(10);
  expect(noise).toMatchObject({ lostCells: 0, undecided: {}, failures: [] });
});

describe('noise', () => {
  test('in one cell leaves the figures that use it undecided, with its name, and no others', () => {
    const noisy = rounds(6, good, (cell, round) => (cell === 'fifo' && round < 2 ? 90 : 50));
    const { results, noise } = evaluate(noisy, options());
    expect(results['fifo_p95_ratio']).toMatchObject({ median: null, lo: null, hi: null, verdict: 'inconclusive' });
    expect(noise.undecided['fifo_p95_ratio']).toContain('fifo: 2 of 6 rounds lost, a probe took 1.80 times the best');
    expect(results['live_p95_ratio']?.verdict).toBe('stretch');
  });

  test('that leaves five rounds costs nothing but those rounds', () => {
    const noisy = rounds(6, good, (_, round) => (round === 3 ? 90 : 50));
    const { results, cleanRounds } = evaluate(noisy, options());
    expect(cleanRounds['live_p95_ratio']).toBe(5);
    expect(results['live_p95_ratio']?.verdict).toBe('stretch');
  });
});

test('live frames without a result make the ratio infinite, and that is a miss', () => {
  const lost = { ...good, strict: { ...good.strict, captured: 40 } };
  expect(evaluate(rounds(6, lost), options()).results['live_p95_ratio']).toMatchObject({ verdict: 'missed' });
});

test('a quick run has no p99, and a whole one with too few frames says so', () => {
  expect(evaluate(rounds(6, good), options(false)).results['live_p99_ratio']?.verdict).toBe('not-measured');
  const { results, noise } = evaluate(rounds(6, good), { ...options(), leastFramesForP99: 2_000 });
  expect(results['live_p99_ratio']?.verdict).toBe('inconclusive');
  expect(noise.undecided['live_p99_ratio']).toContain('180 live frames');
});

test('what was not asked for is not measured, and says so', () => {
  const { results } = evaluate(rounds(6, good), { ...options(), cells: new Set(['query']) });
  expect(results['query_ms']?.verdict).toBe('stretch');
  expect(results['live_p95_ratio']).toMatchObject({ median: null, verdict: 'not-measured' });
});

test('the document keeps what stands around the marks', () => {
  const report: BenchReport = {
    ...evaluate(rounds(6, good), options()),
    kind: 'full',
    date: '2026-11-24T10:00:00Z',
    command: 'npm run bench',
    commit: 'abc',
    machine: { cpu: 'CPU', cores: 2, memoryGiB: 8, system: 'linux', governor: null },
    versions: { node: '24' },
    rounds: 6,
    seconds: 60,
    absolute: { 'rows/s': 300_000 },
  };
  const document = withReport('before\n<!-- bench: begin -->\nold\n<!-- bench: end -->\nafter\n', report);
  expect(document).toMatch(/^before\n<!-- bench: begin -->\n\nMeasured on 2026-11-24 at commit `abc`/);
  expect(document).toMatch(/<!-- bench: end -->\nafter\n$/);
  expect(document).toContain('| `fifo_p95_ratio` |');
  expect(document).not.toContain('old');
  expect(() => withReport('no marks', report)).toThrow('marks');
});
