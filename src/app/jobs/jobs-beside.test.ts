import { afterEach, expect, test } from 'vitest';
import { AppBench } from '../testing/app-bench.ts';
import type { EngineScript, RunFate } from '../testing/scripted-engine.ts';

let bench: AppBench;
afterEach(() => bench.end());

/** Videos by the letter of their folder, so many frames each. */
function open(frames: number, script: Partial<EngineScript> = {}): void {
  bench = new AppBench({ frames: () => frames, ...script });
  for (const name of ['a', 'b', 'c']) for (const part of [1, 2]) bench.file(`${name}/${String(part)}.mp4`);
}

const create = async (name: string, weight = 1): Promise<string> => {
  const spec = bench.spec({ paths: [`${bench.footage}/${name}`], name, weight });
  return (await bench.passing(bench.app.handlers['jobs.create'](spec))).id;
};
const folderOf = (source: string): string => source.slice(bench.footage.length + 1, bench.footage.length + 2);
/** Frames that were run of each folder since call number `from`. */
function runOf(from = 0): Record<string, number> {
  const frames: Record<string, number> = {};
  for (const run of bench.engines.runs.slice(from)) {
    for (const { source } of run.frames) frames[folderOf(source)] = (frames[folderOf(source)] ?? 0) + 1;
  }
  return frames;
}
const have = (name: string, frames: number): boolean => (runOf()[name] ?? 0) >= frames;

test('weights 3 and 1: three quarters of the device and one, and each has its end told with that', async () => {
  open(100_000, { runMs: (_lane, batch) => 20 * batch });
  await bench.start();
  const [a, b] = [await create('a', 3), await create('b')];
  await bench.until(() => have('b', 64));
  const from = bench.engines.runs.length;
  await bench.pass(40_000);
  const { a: heavy = 0, b: light = 0 } = runOf(from);
  expect(heavy / light).toBeGreaterThan(2.7);
  expect(heavy / light).toBeLessThan(3.3);
  // A call holds frames of one job.
  for (const run of bench.engines.runs) expect(new Set(run.frames.map(({ source }) => folderOf(source))).size).toBe(1);
  const [heavyJob, lightJob] = [bench.job(a), bench.job(b)];
  expect((heavyJob?.imagesPerSecond ?? 0) / (lightJob?.imagesPerSecond ?? 1)).toBeCloseTo(3, 0);
  // 200,000 frames each at 50 a second: the heavy one has three quarters until its end, the light one all after that.
  expect((heavyJob?.etaMs ?? 0) / 1000).toBeCloseTo((200_000 - (heavyJob?.frames ?? 0)) / 37.5, -3);
  expect((lightJob?.etaMs ?? 0) / 1000).toBeCloseTo((400_000 - 50 * 65) / 50, -3);
  // One more is told that it waits for the heavy one; its own files are too small to take any time.
  const estimate = bench.app.handlers['jobs.estimate'](bench.spec({ paths: [`${bench.footage}/c`] }));
  const { expectedMs, besideJobs } = await bench.passing(estimate);
  expect(besideJobs).toBe(2);
  const { etaMs } = await bench.passing(bench.app.handlers['jobs.get']({ id: a }));
  expect((expectedMs ?? 0) / (etaMs ?? 1)).toBeCloseTo(1, 1);
  expect(bench.engines.violations).toEqual([]);
}, 60_000);

test('a job that is added starts at once; a third waits in its place and starts when one ends', async () => {
  open(300, { runMs: (_lane, batch) => 20 * batch });
  await bench.start();
  const a = await create('a');
  await bench.until(() => have('a', 64));
  const b = await create('b');
  const c = await create('c');
  await bench.until(() => have('b', 1), 10_000);
  expect(bench.job(a)).toMatchObject({ state: 'running', queuePlace: null });
  expect(bench.job(c)).toMatchObject({ state: 'queued', queuePlace: 1 });
  await bench.jobIs(a, 'done', 600_000);
  expect(bench.job(b)?.state).toBe('running');
  await bench.until(() => have('c', 1), 10_000);
  await bench.jobIs(b, 'done', 600_000);
  const job = await bench.jobIs(c, 'done', 600_000);
  expect(job).toMatchObject({ frames: 600, queuePlace: null });
  expect(bench.analysedTwice).toEqual([]);
  expect(bench.engines.latest().heldFrames).toBe(0);
}, 60_000);

test('more may run at once as soon as that is set', async () => {
  open(300, { runMs: (_lane, batch) => 20 * batch });
  await bench.start();
  for (const name of ['a', 'b', 'c']) await create(name);
  await bench.until(() => have('a', 1) && have('b', 1));
  expect(have('c', 1)).toBe(false);
  await bench.passing(bench.app.handlers['lanes.configure']({ archiveJobs: 3 }));
  await bench.until(() => have('c', 32), 30_000);
  const from = bench.engines.runs.length;
  await bench.pass(5_000);
  const frames = Object.values(runOf(from));
  expect(Math.max(...frames) / Math.min(...frames)).toBeLessThan(1.3);
}, 60_000);

test('a paused job leaves everything to the other, and a cancelled one its place', async () => {
  open(500, { runMs: (_lane, batch) => 20 * batch });
  await bench.start();
  const [a, b, c] = [await create('a'), await create('b'), await create('c')];
  await bench.until(() => have('a', 40) && have('b', 40));
  await bench.passing(bench.app.handlers['jobs.cancel']({ id: c }));
  expect(bench.job(c)).toMatchObject({ state: 'cancelled', queuePlace: null });
  await bench.passing(bench.app.handlers['jobs.pause']({ id: a }));
  const from = bench.engines.runs.length;
  await bench.pass(10_000);
  // Nothing but the call that was under way.
  expect(Object.keys(runOf(from))).toEqual(['b']);
  // 50 a second are what the device makes of one at a time.
  expect(runOf(from)['b']).toBeGreaterThan(0.9 * 50 * 10);
  await bench.passing(bench.app.handlers['jobs.resume']({ id: a }));
  await bench.jobIs(a, 'done', 600_000);
  await bench.jobIs(b, 'done', 600_000);
  expect(await bench.rows(a)).toHaveLength(1_000);
  // Paused in the middle of a call, a job looks at that call's frames again, and at no others.
  const calls = bench.engines.runs.map(({ frames }) => frames.map(({ source }) => folderOf(source)));
  const widest = Math.max(...calls.filter((folders) => folders.includes('a')).map((folders) => folders.length));
  expect(bench.analysedTwice.length).toBeLessThanOrEqual(widest);
  expect(bench.analysedTwice.every((frame) => folderOf(frame) === 'a')).toBe(true);
}, 60_000);

test('the engine is lost with both running, then the process: both go on, nothing is lost, nothing doubled', async () => {
  let fate: RunFate = 'answered';
  open(300, { run: () => fate });
  await bench.start();
  const [a, b] = [await create('a'), await create('b', 3)];
  await bench.until(() => have('a', 40) && have('b', 40));
  fate = { code: null, signal: 'SIGKILL' };
  await bench.until(() => bench.engines.all.length === 2, 600_000);
  fate = 'answered';
  await bench.until(() => (bench.job(a)?.frames ?? 0) > 120 && (bench.job(b)?.frames ?? 0) > 120);
  await bench.killed();
  await bench.start();
  for (const id of [a, b]) {
    const job = await bench.jobIs(id, 'done', 600_000);
    expect(job).toMatchObject({ frames: 600, resumed: { framesTwice: 0 }, items: { total: 2, failed: 0 } });
    const rows = await bench.rows(id);
    expect(rows.map(({ frame }) => frame)).toEqual(
      [...Array(2)].flatMap(() => Array.from({ length: 300 }, (_, k) => k)),
    );
  }
  expect((await bench.notices()).filter((text) => /resumed at \d+ %/.test(text))).toHaveLength(2);
  expect(bench.engines.violations).toEqual([]);
}, 60_000);

test('a frame that crashes the engine costs its own job that frame, and the other job nothing', async () => {
  const crash = { code: null, signal: 'SIGSEGV' } as const;
  open(200, {
    run: (_lane, frames) =>
      frames.some(({ source, frame }) => source.endsWith('a/1.mp4') && frame === 70) ? crash : 'answered',
  });
  await bench.start();
  const [a, b] = [await create('a'), await create('b')];
  const job = await bench.jobIs(a, 'done', 600_000);
  expect(job.items).toMatchObject({ total: 2, done: 1, failed: 1 });
  expect(job.failures).toMatchObject([
    { kind: 'crashes-engine', reason: expect.stringContaining('frame 70') as string },
  ]);
  expect((await bench.jobIs(b, 'done', 600_000)).items).toMatchObject({ total: 2, done: 2, failed: 0 });
  expect(await bench.rows(b)).toHaveLength(400);
  expect((await bench.rows(a)).length).toBe(270);
  // In company of one job's frames only, then alone.
  expect(bench.engines.all.length - 1).toBeLessThanOrEqual(4);
}, 60_000);

test('a job that waits for a share to come back does not hold up the other', async () => {
  open(300, {
    item: (path) => (folderOf(path) === 'a' ? { kind: 'unreadable', reason: 'the share is away' } : null),
    runMs: (_lane, batch) => 20 * batch,
  });
  await bench.start();
  const [a, b] = [await create('a'), await create('b')];
  const startedMs = bench.clock.monoMs();
  await bench.jobIs(b, 'done', 600_000);
  expect(bench.clock.monoMs() - startedMs).toBeLessThan(1.3 * 600 * 20);
  expect(bench.job(a)?.state).toBe('running');
}, 60_000);
