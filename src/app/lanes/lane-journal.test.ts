import { describe, expect, test } from 'vitest';
import { LaneJournal, saneRange } from './lane-journal.ts';
import type { StartedRun } from './run-ring.ts';

const startMs = 1_700_000_000_000;
const hourMs = 3_600_000;
const fast = { is: 'live', camera: 'Gate', waitedMs: 4, leftMs: 170 } as const;
const run = (lane: 'live' | 'archive', batch = 1): StartedRun => ({
  slot: 0,
  lane,
  predictedMs: 10,
  batch,
  places: batch,
  subject: 'Gate',
  waitedMs: 1,
  liveWaiting: 0,
  archiveWaiting: 8,
  reason: fast,
});

/** A manual clock: the monotonic one starts at 5,000. */
function play(journal: LaneJournal, lane: 'live' | 'archive', atMs: number, forMs: number, batch = 1): void {
  const seq = journal.started(run(lane, batch), 5_000 + atMs, startMs + atMs);
  journal.ended(seq, { ...run(lane, batch), startedAtMs: startMs + atMs }, forMs);
}
const bucketsOf = (journal: LaneJournal, fromMs: number, toMs: number, most: number) =>
  journal.buckets(journal.plan({ fromMs, toMs }, most, startMs), [], 5_000);

test('time is shared out to the seconds that a run filled, and it counts where it began', () => {
  const journal = new LaneJournal();
  play(journal, 'archive', 400, 1_800, 32);
  play(journal, 'live', 2_300, 100, 2);
  journal.gaveWay({ atMs: startMs + 2_500, step: 'early-drop', camera: 'Gate', frames: 3, why: 'late' });
  const buckets = bucketsOf(journal, startMs, startMs + 3_000, 3);
  expect(buckets.map(({ archive, live, runs, shed }) => [archive, live, runs, shed].map((x) => +x.toFixed(3)))).toEqual(
    [
      [0.6, 0, 1, 0],
      [1, 0, 0, 0],
      [0.2, 0.1, 1, 3],
    ],
  );
  expect(buckets.map(({ largestArchive, largestLive }) => [largestArchive, largestLive])).toEqual([
    [32, 0],
    [32, 0],
    [32, 2],
  ]);
});

test('stretches below a second are added up from the runs themselves and say the same', () => {
  const journal = new LaneJournal();
  for (let at = 0; at < 10_000; at += 125) play(journal, at % 250 === 0 ? 'live' : 'archive', at, 80);
  const fine = bucketsOf(journal, startMs, startMs + 10_000, 100);
  expect(fine).toHaveLength(100);
  expect(fine[0]).toMatchObject({ fromMs: startMs, toMs: startMs + 100, runs: 1 });
  expect(fine[0]?.live).toBeCloseTo(0.8);
  const whole = bucketsOf(journal, startMs, startMs + 10_000, 10);
  const share = (of: typeof fine): number =>
    of.reduce((sum, { live, archive, fromMs, toMs }) => sum + (live + archive) * (toMs - fromMs), 0);
  expect(share(fine)).toBeCloseTo(share(whole), 0);
  expect(fine.reduce((sum, { runs }) => sum + runs, 0)).toBe(80);
});

test('stretches never are more than asked for, whatever the range', () => {
  const journal = new LaneJournal();
  play(journal, 'live', 0, 10);
  for (const [fromMs, toMs, most] of [
    [startMs - 1, startMs + 1, 1],
    [startMs + 17, startMs + 60_001, 60],
    [0, 8.64e15, 4_000],
    [startMs - 86_400_000, startMs + hourMs, 3_999],
  ] as const) {
    const plan = journal.plan({ fromMs, toMs }, most, startMs);
    expect(plan.count).toBeLessThanOrEqual(most);
    expect(plan.fromMs).toBeLessThanOrEqual(fromMs);
    expect(plan.fromMs + plan.count * plan.widthMs).toBeGreaterThanOrEqual(toMs - 1e-3);
    expect(journal.buckets(plan, [], 0).reduce((sum, { runs }) => sum + runs, 0)).toBe(fromMs <= startMs ? 1 : 0);
  }
});

test('a range that is no range is cut to one', () => {
  expect(saneRange({ fromMs: -5, toMs: 1e300 })).toEqual({ fromMs: 0, toMs: 8.64e15 });
  const { fromMs, toMs } = saneRange({ fromMs: 1e300, toMs: 1e301 });
  expect(toMs).toBeGreaterThan(fromMs);
});

test('a clock that is set back counts each run once, and one that was a year ahead is forgotten', () => {
  const journal = new LaneJournal();
  for (let n = 0; n < 20; n += 1) {
    const startedAtMs = startMs + n * 500 - (n >= 10 ? 4_000 : 0);
    const seq = journal.started(run('live'), n * 500, startedAtMs);
    journal.ended(seq, { ...run('live'), startedAtMs }, 600);
  }
  const buckets = bucketsOf(journal, startMs, startMs + 10_000, 10);
  expect(buckets.reduce((sum, { runs }) => sum + runs, 0)).toBe(20);
  expect(Math.max(...buckets.map(({ live }) => live))).toBe(1);
  journal.seconds.addRun(startMs + 365 * 86_400_000, startMs + 365 * 86_400_000 + 5, 'live', 1);
  journal.seconds.addRun(startMs, startMs + 5, 'live', 1);
  expect(journal.seconds.fromMs).toBe(startMs);
});

test('what the store does not take waits for the next time, and only so much', () => {
  const { seconds, shed } = new LaneJournal();
  for (let s = 0; s < 5_000; s += 1) {
    seconds.addShed(startMs + s * 1000, 1);
    shed.add({ atMs: startMs + s * 1000, step: 'oldest-out', camera: 'Gate', frames: 1, why: '' });
  }
  expect(seconds.pending).toEqual({ waiting: 3_600, bound: 3_600, givenUp: 1_400 });
  const [first, ...rest] = seconds.takePending();
  expect(first?.atS).toBe(startMs / 1000 + 1_400);
  seconds.addShed(startMs + 4_999_000, 4);
  if (first !== undefined) seconds.giveBack([first, ...rest]);
  expect(seconds.takePending().at(-1)).toMatchObject({ atS: startMs / 1000 + 4_999, shed: 5 });
  expect(shed.takePending()).toHaveLength(5_000);
  expect(shed.pending.waiting).toBe(0);
});

test('frames that gave way are one record a step, camera and second', () => {
  const { shed } = new LaneJournal();
  for (let at = 0; at < 3_000; at += 100) {
    for (const camera of ['Gate', 'Yard', null]) {
      shed.add({ atMs: startMs + at, step: 'oldest-out', camera, frames: 2, why: `at ${String(at)}` });
    }
  }
  const records = shed.read(startMs, startMs + 2_000);
  expect(records).toHaveLength(6);
  expect(records[0]).toEqual({ atMs: startMs, step: 'oldest-out', camera: 'Gate', frames: 20, why: 'at 900' });
  // What was handed to the store is not changed behind its back.
  shed.takePending();
  shed.add({ atMs: startMs + 2_950, step: 'oldest-out', camera: 'Gate', frames: 1, why: 'more' });
  expect(shed.takePending()).toEqual([
    { atMs: startMs + 2_950, step: 'oldest-out', camera: 'Gate', frames: 1, why: 'more' },
  ]);
});

describe('an hour at 100 runs a second', () => {
  const journal = new LaneJournal();
  for (let n = 0; n < 360_000; n += 1) play(journal, n % 3 === 0 ? 'live' : 'archive', n * 10, 8, 1 + (n % 4));

  test.each([
    ['the whole hour', 0, hourMs, 600, 2_000],
    ['the whole hour, finely', 0, hourMs, 4_000, 2_000],
    ['three minutes, finely', hourMs / 2, hourMs / 2 + 180_000, 4_000, 2_000],
    ['ten seconds with their runs', hourMs / 2, hourMs / 2 + 10_000, 600, 10_000],
  ])('%s is answered within 10 ms', (_name, fromMs, toMs, most, maxRuns) => {
    const range = { fromMs: startMs + fromMs, toMs: startMs + toMs };
    const read = (): number => {
      const begun = process.cpuUsage();
      const buckets = journal.buckets(journal.plan(range, most, startMs + hourMs), [], 5_000 + hourMs);
      const runs = journal.readRuns(range, maxRuns, 5_000 + hourMs);
      const { user, system } = process.cpuUsage(begun);
      expect(buckets.reduce((sum, bucket) => sum + bucket.runs, 0)).toBe((toMs - fromMs) / 10);
      expect(runs === null ? null : runs.length).toBe(toMs - fromMs > 20_000 ? null : 1_001 - 1);
      return (user + system) / 1000;
    };
    // Time of the processor, the best of a few: other work on the machine is not what is tested.
    expect(Math.min(...Array.from({ length: 6 }, read))).toBeLessThan(10);
  });
});
