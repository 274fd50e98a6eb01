import { expect, test } from 'vitest';
import { explainRun } from './explain-run.ts';
import { RunRing, type StartedRun } from './run-ring.ts';

const startMs = 1_700_000_000_000;
const run = (change: Partial<StartedRun> = {}): StartedRun => ({
  slot: 0,
  lane: 'archive',
  predictedMs: 20,
  batch: 2,
  places: 4,
  subject: 'Night 12',
  waitedMs: 130.5,
  liveWaiting: 1,
  archiveWaiting: 70_000,
  reason: { is: 'archive-fits', roomMs: 38, camera: 'Gate' },
  ...change,
});

test('a run comes back as it was, and its words are made when it is read', () => {
  const ring = new RunRing(8);
  const seq = ring.started(run(), 1_000, startMs + 1_000);
  expect(ring.read(startMs, startMs + 2_000, 5, 1_400)).toMatchObject([{ actualMs: null }]);
  ring.ended(seq, 21.5);
  const [kept] = ring.read(startMs, startMs + 2_000, 5, 1_400) ?? [];
  expect(kept).toEqual({ ...run(), seq: 0, startedAtMs: startMs + 1_000, actualMs: 21.5, archiveWaiting: 65_535 });
  expect(kept && explainRun(kept)).toBe("archive chunk of 2, predicted 20 ms, fits 38 ms until Gate's next frame");
});

test('every kind of value of a reason is kept', () => {
  const ring = new RunRing(4);
  const reason = { is: 'odd', none: null, yes: true, no: false, far: Number.POSITIVE_INFINITY, text: 'a b' };
  ring.started(run({ reason }), 0, startMs);
  expect(ring.read(startMs, startMs + 1, 1, 0)?.[0]?.reason).toEqual(reason);
});

test('the newest runs push out the oldest, and a range answers all that touch it or none', () => {
  const ring = new RunRing(100);
  for (let n = 0; n < 250; n += 1) ring.ended(ring.started(run({ batch: n % 128 }), n * 10, startMs + n * 10), 8);
  expect(ring.size).toBe(100);
  expect(ring.keptFromMs).toBe(startMs + 1_500);
  expect(ring.read(0, startMs + 1e6, 99, 0)).toBeNull();
  expect(ring.read(0, startMs + 1e6, 100, 0)).toHaveLength(100);
  // [2005, 2021) touches the runs of 2000 to 2008, 2010 and 2020.
  const touching = ring.read(startMs + 2_005, startMs + 2_021, 10, 0);
  expect(touching?.map(({ startedAtMs }) => startedAtMs - startMs)).toEqual([2_000, 2_010, 2_020]);
  ring.ended(3, 99); // pushed out long ago
  expect(ring.read(0, startMs + 1e6, 100, 0)?.every(({ actualMs }) => actualMs === 8)).toBe(true);
});

test('a wall clock that is set back or ahead leaves each run where the clock said it was, in its order', () => {
  const ring = new RunRing(1_000);
  for (let n = 0; n < 100; n += 1) {
    const epochMs = startMs + n * 100 - (n >= 50 ? 3_000 : 0) + (n >= 80 ? 3_600_000 : 0);
    ring.ended(ring.started(run(), n * 100, epochMs), 50);
  }
  // From 2 s to 5 s twice: 20 of the second pass (5.0 to 7.9 s of the monotonic clock said 2.0 to 4.9 s) and 30 of the first.
  const both = ring.read(startMs + 2_000, startMs + 5_000, 1_000, 0) ?? [];
  expect(both.map(({ seq }) => seq)).toEqual(Array.from({ length: 60 }, (_, index) => index + 20));
  const ahead = [startMs + 3_600_000, startMs + 7_200_000] as const;
  expect(ring.read(...ahead, 1_000, 0)).toHaveLength(20);
  expect(ring.countAtMost(...ahead)).toBeGreaterThanOrEqual(20);
  expect(ring.countAtMost(...ahead)).toBeLessThan(100);
  expect(ring.read(0, startMs + 1e8, 1_000, 0)).toHaveLength(100);
});

test('a clock that jumps with every run costs runs, not memory', () => {
  const ring = new RunRing(1_000);
  for (let n = 0; n < 500; n += 1) ring.ended(ring.started(run(), n, startMs + (n % 2) * 1e6), 1);
  expect(ring.size).toBe(64);
  expect(ring.read(0, startMs + 1e9, 1_000, 0)).toHaveLength(64);
});

test('names that nobody uses any more make room for new ones', () => {
  const ring = new RunRing(20, 64);
  for (let n = 0; n < 2_000; n += 1) {
    ring.started(
      run({ subject: `Job ${String(n)}`, reason: { is: 'live', camera: `Camera ${String(n)}` } }),
      n,
      startMs + n,
    );
  }
  const kept = ring.read(0, startMs + 1e6, 1_000, 0) ?? [];
  expect(kept.length).toBeGreaterThan(8);
  for (const { seq, subject, reason } of kept) {
    expect([subject, reason['camera'], reason.is]).toEqual([`Job ${String(seq)}`, `Camera ${String(seq)}`, 'live']);
  }
});

test('an hour at 100 runs a second fits 25 MB', () => {
  expect(new RunRing().bytes).toBeLessThan(25e6);
});
