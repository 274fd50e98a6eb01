import { rmSync, writeFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { NightshiftError } from '../../shared/errors.ts';
import { AppBench } from '../testing/app-bench.ts';
import type { EngineScript } from '../testing/scripted-engine.ts';
import { jobIdOf } from './job-id.ts';

let bench: AppBench;
const open = (script: Partial<EngineScript> = {}): AppBench => (bench = new AppBench(script));
afterEach(() => bench.end());

test('a folder is done: every frame once, every row in the report', async () => {
  open();
  for (let index = 0; index < 40; index++) bench.file(`yard/${String(index).padStart(2, '0')}.jpg`);
  bench.file('gate.mp4');
  bench.file('notes.txt');
  const app = await bench.start();
  const { id } = await bench.passing(app.handlers['jobs.create'](bench.spec()));
  const job = await bench.jobIs(id, 'done');
  expect(job.items).toEqual({ total: 41, done: 41, skipped: 0, failed: 0 });
  expect(job).toMatchObject({ frames: 50, detections: 50, framesThisRun: 50, progress: 1, reason: null });
  expect(await bench.rows(id)).toHaveLength(50);
  expect(bench.analysedTwice).toEqual([]);
  expect(bench.engines.violations).toEqual([]);
  expect(bench.engines.latest().heldFrames).toBe(0);
});

test('pictures of many sizes: each runs in the size that fits it, in batches, and no more sizes are warmed than fit', async () => {
  const sizes = [
    { width: 640, height: 480 },
    { width: 1920, height: 1080 },
    { width: 300, height: 400 },
    { width: 800, height: 601 },
  ] as const;
  open({
    size: (path) => sizes[Number(/(\d+)\.jpg$/.exec(path)?.[1]) % sizes.length] ?? sizes[0],
    runMs: (_lane, batch) => 4 + 0.5 * batch,
  });
  pictures(240);
  await bench.start();
  const { id } = await create();
  expect(await bench.jobIs(id, 'done')).toMatchObject({ frames: 240, detections: 240 });
  expect(bench.engines.violations).toEqual([]);
  expect(bench.analysedTwice).toEqual([]);
  const warmed = bench.engines.latest().received.flatMap((message) => {
    const request = message.type === 'request' ? message.request : null;
    return request?.type === 'warm' && request.lane === 'archive' ? [request] : [];
  });
  const texts = new Set(warmed.map(({ input }) => `${String(input.width)}x${String(input.height)}`));
  // The last of the sizes is a little too tall for 4:3 and takes the square.
  expect([...texts].sort()).toEqual(['320x416', '416x256', '416x320', '416x416']);
  // Each size begins one by one and has wider batches as soon as the pictures that are left repay their warm-up.
  expect(bench.engines.runs.length).toBeLessThan(200);
  expect(Math.max(...bench.engines.runs.map(({ frames }) => frames.length))).toBeGreaterThanOrEqual(8);
});

test('a size in which the model does not run fails the job that needs it, with the reason', async () => {
  const crash = { code: null, signal: 'SIGSEGV' } as const;
  open({
    size: () => ({ width: 1920, height: 1080 }),
    warm: (_lane, _batch, { height }) => (height === 256 ? crash : 'answered'),
  });
  pictures(3);
  await bench.start();
  const { id } = await create();
  expect((await bench.jobIs(id, 'failed')).reason).toMatch(/ended the engine twice while it was warmed/);
});

test('the name, the batch and the weight make no other job; the motion gate does', () => {
  open();
  const id = jobIdOf(bench.spec());
  expect(jobIdOf(bench.spec({ name: 'Yard', batch: 8, weight: 3, motionGate: false }))).toBe(id);
  expect(jobIdOf(bench.spec({ motionGate: true }))).not.toBe(id);
});

const pictures = (count: number): void => {
  for (let index = 0; index < count; index++) bench.file(`yard/${String(index).padStart(3, '0')}.jpg`);
};
const create = (change: Parameters<AppBench['spec']>[0] = {}): Promise<{ id: string }> =>
  bench.passing(bench.app.handlers['jobs.create'](bench.spec(change)));
const call = (name: 'jobs.pause' | 'jobs.resume' | 'jobs.cancel' | 'jobs.retryFailed', id: string): Promise<unknown> =>
  bench.passing(bench.app.handlers[name]({ id }));
const archiveFrames = (): number =>
  bench.engines.runs.reduce((sum, run) => sum + (run.lane === 'archive' ? run.frames.length : 0), 0);
const calmRows = (rows: Awaited<ReturnType<AppBench['rows']>>): unknown => JSON.parse(JSON.stringify(rows));

test('a job whose process was killed goes on, commits nothing twice and ends with the same report', async () => {
  open({ frames: (path) => (path.endsWith('.mp4') ? 400 : 1) });
  pictures(60);
  bench.file('gate.mp4');
  await bench.start();
  const { id } = await create();
  await bench.until(() => (bench.job(id)?.frames ?? 0) > 80);
  await bench.killed();
  await bench.start();
  const job = await bench.jobIs(id, 'done');
  expect(job.items).toMatchObject({ total: 61, done: 61 - job.items.skipped, failed: 0 });
  expect(job.frames).toBe(460);
  expect(job.framesThisRun).toBeLessThan(400);
  expect(job.resumed?.atProgress).toBeGreaterThan(0);
  expect(job.resumed?.framesTwice).toBe(0);
  expect((await bench.notices()).filter((text) => /resumed at \d+ %/.test(text))).toHaveLength(1);
  const interrupted = await bench.rows(id);
  // The same scan in one go, under another name for the same content: nothing is left to do, and the rows are the same.
  const again = await create({ id: 'in-one-go' });
  await bench.jobIs(again.id, 'done');
  expect(calmRows(await bench.rows(again.id))).toEqual(calmRows(interrupted));
  expect(interrupted).toHaveLength(460);
  // As an undisturbed engine says it, whatever the order in which it was said.
  expect(interrupted.map((row) => row.box[0])).toEqual(interrupted.map((row) => (row.source.length + row.frame) % 50));
  expect(new Set(interrupted.map((row) => `${row.source}#${String(row.frame)}`)).size).toBe(460);
});

test('closing in the middle of a run commits what is done; the next start looks again only at the call that was under way', async () => {
  open({ frames: (path) => (path.endsWith('.mp4') ? 300 : 1) });
  bench.file('gate.mp4');
  await bench.start();
  const { id } = await create();
  await bench.until(() => archiveFrames() > 200);
  await bench.close();
  await bench.start({ resumeJobs: false });
  const [row] = await bench.passing(bench.store.call('jobs.list', undefined));
  expect(row?.state).toBe('running');
  const before = await bench.passing(bench.store.call('jobs.totals', { id }));
  expect(before.frames).toBeGreaterThan(40);
  // The call that was under way is the only one whose frames are looked at again.
  expect(before.frames).toBeGreaterThanOrEqual(bench.engines.answered.size - 128);
  await bench.close();
  await bench.start();
  await bench.jobIs(id, 'done');
  expect(await bench.rows(id)).toHaveLength(300);
  expect(bench.analysedTwice.length).toBeLessThanOrEqual(128);
});

test('paused right after it was made, in the middle, and resumed at once: one state after the other, every frame once', async () => {
  open({ frames: (path) => (path.endsWith('.mp4') ? 200 : 1), runMs: (_lane, batch) => 50 * batch });
  pictures(30);
  bench.file('gate.mp4');
  await bench.start();
  const { id } = await create();
  await call('jobs.pause', id);
  await bench.jobIs(id, 'paused');
  expect(archiveFrames()).toBe(0);
  await call('jobs.resume', id);
  await bench.until(() => archiveFrames() > 40);
  // While a long call is under way: frames that this feeding announces with its end are of no run any more.
  await call('jobs.pause', id);
  await call('jobs.resume', id);
  await call('jobs.pause', id);
  await call('jobs.resume', id);
  const job = await bench.jobIs(id, 'done', 600_000);
  expect(job.items).toMatchObject({ total: 31, failed: 0 });
  expect(await bench.rows(id)).toHaveLength(230);
  expect(bench.engines.violations).toEqual([]);
  expect(bench.engines.all).toHaveLength(1);
});

test('a job can be paused, and the application closed, while no engine comes up', async () => {
  open({ silent: true });
  pictures(3);
  await bench.start();
  const first = await create();
  await call('jobs.pause', first.id);
  const second = await create({ id: 'second' });
  await bench.until(() => bench.job(second.id)?.state === 'enumerating');
  const startedMs = bench.clock.monoMs();
  await bench.close();
  expect(bench.clock.monoMs() - startedMs).toBeLessThanOrEqual(5_000);
});

test('cancelled: what is committed stays, and it can be run again', async () => {
  open({ frames: () => 300 });
  bench.file('gate.mp4');
  await bench.start();
  const { id } = await create();
  await bench.until(() => archiveFrames() > 200);
  await call('jobs.cancel', id);
  await bench.jobIs(id, 'cancelled');
  await expect(call('jobs.pause', id)).rejects.toMatchObject({ kind: 'conflict' });
  const rows = (await bench.rows(id)).length;
  expect(rows).toBeGreaterThan(40);
  await call('jobs.resume', id);
  expect((await bench.jobIs(id, 'done')).framesThisRun).toBe(300 - rows);
});

test('the same scan asked for twice at once is one job; another one runs beside it', async () => {
  open();
  pictures(20);
  bench.file('other/1.jpg');
  await bench.start();
  const { handlers } = bench.app;
  const other = bench.spec({ paths: [`${bench.footage}/other`] });
  const asked = await bench.passing(
    Promise.all([
      handlers['jobs.create'](bench.spec({ paths: [`${bench.footage}/yard`] })),
      handlers['jobs.create'](bench.spec({ paths: [`${bench.footage}/yard`], name: 'The same' })),
      handlers['jobs.create'](other),
    ]),
  );
  expect(asked[0].id).toBe(asked[1].id);
  await bench.jobIs(asked[2].id, 'done');
  expect((await bench.passing(handlers['app.overview'](undefined))).jobs).toHaveLength(2);
  expect((await bench.jobIs(asked[0].id, 'done')).items.done).toBe(20);
  expect(bench.analysedTwice).toEqual([]);
});

test('a frame that crashes the engine is found and left out alone', async () => {
  const isPoison = (source: string): boolean => source.endsWith('013.jpg');
  open({
    run: (_lane, frames) =>
      frames.some(({ source }) => isPoison(source)) ? { code: null, signal: 'SIGSEGV' } : 'answered',
  });
  pictures(64);
  await bench.start();
  const { id } = await create({ batch: 32 });
  const job = await bench.jobIs(id, 'done', 600_000);
  expect(job.items).toMatchObject({ total: 64, done: 63, failed: 1 });
  expect(job.failures).toMatchObject([{ kind: 'crashes-engine' }]);
  expect(job.failures[0]?.path.endsWith('013.jpg')).toBe(true);
  // Alone twice, and once or twice in company.
  expect(bench.engines.all.length - 1).toBeLessThanOrEqual(2 * Math.log2(32) + 2);
  expect(bench.analysedTwice).toEqual([]);
  expect(bench.engines.violations).toEqual([]);
});

test('an engine that is killed from outside, or a call that fails once, blames nobody', async () => {
  let fate: 'failed' | { code: null; signal: string } = { code: null, signal: 'SIGKILL' };
  let left = 6;
  open({ run: (lane) => (lane === 'archive' && left-- > 0 ? fate : 'answered') });
  pictures(12);
  await bench.start();
  const { id } = await create();
  await bench.until(() => left <= 0, 600_000);
  expect((await bench.jobIs(id, 'done', 600_000)).items).toMatchObject({ done: 12, failed: 0 });
  fate = 'failed';
  left = 1;
  pictures(24);
  await call('jobs.resume', id);
  await bench.until(() => bench.job(id)?.items.total === 24);
  expect((await bench.jobIs(id, 'done', 600_000)).items).toMatchObject({ total: 24, failed: 0 });
  expect(await bench.rows(id)).toHaveLength(24);
});

test('an unreadable file is tried again later while others go on; it fails with the reason in the end', async () => {
  let mended = false;
  open({
    item: (path) =>
      path.endsWith('share.mp4') && !mended ? { kind: 'unreadable', reason: 'the share is away' } : null,
  });
  bench.file('a/share.mp4');
  pictures(20);
  await bench.start();
  const { id } = await create();
  await bench.until(() => (bench.job(id)?.items.done ?? 0) === 20, 10_000);
  expect(bench.job(id)?.state).toBe('running');
  const job = await bench.jobIs(id, 'done', 900_000);
  expect(job.items).toMatchObject({ done: 20, failed: 1 });
  expect(job.failures).toMatchObject([{ kind: 'unreadable', reason: 'the share is away' }]);
  expect(job.errors).toMatchObject({ failed: 1, retried: 4 });
  mended = true;
  await call('jobs.retryFailed', id);
  await bench.until(() => bench.job(id)?.items.failed === 0);
  expect((await bench.jobIs(id, 'done', 900_000)).frames).toBe(30);
});

test('files that change or vanish between listing and looking', async () => {
  open();
  pictures(3);
  const gone = bench.file('z/gone.jpg');
  const changed = bench.file('z/changed.jpg', 'as it was listed');
  await bench.start();
  bench.storeFault = (name) => {
    if (name === 'items.endFound') {
      rmSync(gone, { force: true });
      writeFileSync(changed, 'as it was looked at');
    }
    return null;
  };
  const { id } = await create();
  const job = await bench.jobIs(id, 'done');
  expect(job.items).toMatchObject({ total: 5, done: 4, failed: 1 });
  expect(job.failures).toMatchObject([{ path: gone, kind: 'missing' }]);
  // The ledger has the old size and time: looking again finds the content known.
  await call('jobs.resume', id);
  await bench.until(() => bench.job(id)?.state === 'queued' || bench.job(id)?.state === 'enumerating');
  expect(await bench.jobIs(id, 'done')).toMatchObject({ framesThisRun: 0 });
  expect(bench.analysedTwice).toEqual([]);
});

test('a full disk pauses the job with the reason; resumed, it has no hole', async () => {
  open({ frames: () => 400 });
  bench.file('gate.mp4');
  await bench.start();
  const { id } = await create();
  await bench.until(() => (bench.job(id)?.frames ?? 0) > 50);
  const full = new NightshiftError({ kind: 'no-space', message: 'The disk of the data folder is full.' });
  let refused = 0;
  bench.storeFault = (name) => {
    if (name !== 'results.commit' || refused > 0) return null;
    refused += 1; // once only: what comes after it could be stored again
    return full;
  };
  const paused = await bench.jobIs(id, 'paused');
  expect(paused.reason).toContain('disk of the data folder is full');
  await bench.told('is paused: The disk');
  expect(paused.items.done).toBe(0);
  // Nothing goes on for a run that has ended.
  await bench.until(() => bench.engines.latest().heldFrames === 0);
  expect(bench.engines.latest().received.some((message) => message.type === 'drop-item')).toBe(true);
  await call('jobs.resume', id);
  const job = await bench.jobIs(id, 'done');
  expect(job.items).toMatchObject({ done: 1, failed: 0 });
  expect((await bench.rows(id)).map((row) => row.frame)).toEqual(Array.from({ length: 400 }, (_, frame) => frame));
});

test('a store that refuses everything costs the job its run, not the application', async () => {
  open({ frames: () => 200 });
  bench.file('gate.mp4');
  await bench.start();
  const { id } = await create();
  await bench.until(() => (bench.job(id)?.frames ?? 0) > 20);
  bench.storeFault = () => new NightshiftError({ kind: 'no-space', message: 'The disk of the data folder is full.' });
  await bench.until(() => bench.job(id)?.state === 'paused');
  await bench.told('is paused: The disk'); // though the notice cannot be stored either
  bench.engines.latest().end({ code: 1, signal: null });
  await bench.until(() => bench.engines.all.length === 2);
  bench.storeFault = () => null;
  await call('jobs.resume', id);
  await bench.jobIs(id, 'done');
  expect(await bench.rows(id)).toHaveLength(200);
});

test('paused while its files are still being listed, it feeds nothing; resumed, it finds them all', async () => {
  open();
  pictures(520); // more than one page
  await bench.start();
  const asked: Promise<unknown>[] = [];
  const id = jobIdOf(bench.spec());
  bench.storeFault = (name) => {
    if (name === 'items.found' && asked.length === 0) asked.push(bench.app.handlers['jobs.pause']({ id }));
    return null;
  };
  await create();
  const paused = await bench.jobIs(id, 'paused');
  await bench.passing(Promise.all(asked));
  expect(asked).toHaveLength(1);
  expect(paused.reason).toBeNull();
  expect(archiveFrames()).toBe(0);
  await call('jobs.resume', id);
  expect((await bench.jobIs(id, 'done')).items).toMatchObject({ total: 520, done: 520, skipped: 0 });
  expect(bench.analysedTwice).toEqual([]);
});
