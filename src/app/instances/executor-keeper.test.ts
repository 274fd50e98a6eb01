import { afterEach, expect, test, vi } from 'vitest';
import { jobSpecSchema } from '../../shared/domain/job.ts';
import type { LanesSnapshot } from '../../shared/domain/lanes.ts';
import { AppBench } from '../testing/app-bench.ts';

vi.mock(import('node:os'), async (original) => ({ ...(await original()), availableParallelism: () => 16 }));

let bench: AppBench;
afterEach(() => bench.end());

const lanes = async (): Promise<LanesSnapshot> =>
  (await bench.passing(bench.app.handlers['app.overview'](undefined))).lanes;

/** Many frames on a slow device, decoded at once: a backlog for minutes. */
async function openNight(): Promise<string> {
  bench = new AppBench({ runMs: (_lane, batch) => 20 * batch, frames: () => 150 });
  for (let index = 0; index < 30; index += 1) bench.file(`${String(index)}.mp4`);
  await bench.start();
  await bench.passing(bench.app.handlers['lanes.configure']({ instances: { scale: 'auto', most: 2 } }));
  const spec = jobSpecSchema.parse({ paths: [bench.footage] });
  return (await bench.passing(bench.app.handlers['jobs.create'](spec))).id;
}

test('a backlog on a machine with free cores brings a second executor, which shares the work and leaves when there is none', async () => {
  const id = await openNight();
  const jobFrames = (): number => bench.job(id)?.frames ?? 0;
  await bench.until(() => bench.engines.all.length === 2, 120_000);
  const before = await lanes();
  expect(before.instances.now).toBe(1);
  await bench.pass(5_000);
  const during = await lanes();
  expect(during.instances.now).toBe(2);
  expect(during.instances.changes).toHaveLength(1);
  expect(during.instances.changes[0]?.why).toMatch(
    /a second is predicted to help by 100.0 % \(8 of 16 cores are free\)/,
  );

  // Both work: the same time brings about twice as much.
  const [first, second] = bench.engines.all;
  const ran = (engine: typeof first): number => engine?.received.filter(({ type }) => type === 'run').length ?? 0;
  const seen = [ran(first), ran(second)];
  await bench.pass(20_000);
  expect(ran(first)).toBeGreaterThan(seen[0] ?? 0);
  expect(ran(second)).toBeGreaterThan((seen[1] ?? 0) + 5);
  expect(jobFrames()).toBeGreaterThan(0);

  await bench.jobIs(id, 'done', 600_000);
  expect(bench.analysedTwice).toEqual([]);
  expect((await bench.rows(id)).length).toBe(4_500);
  expect(bench.engines.violations).toEqual([]);
  await bench.pass(75_000);
  const after = await lanes();
  expect(after.instances.now).toBe(1);
  expect(after.instances.changes[after.instances.changes.length - 1]?.why).toBe('nothing waited for 60 s');
});

test('a second executor that is lost gives its items back; nothing is lost or done twice', async () => {
  const id = await openNight();
  await bench.until(() => bench.engines.all.length === 2, 120_000);
  await bench.pass(10_000);
  bench.engines.latest().end({ code: null, signal: 'SIGSEGV' });
  await bench.pass(2_000);
  expect((await lanes()).instances.now).toBe(1);
  const { frames, items } = await bench.jobIs(id, 'done', 900_000);
  expect(items).toMatchObject({ total: 30, done: 30, failed: 0 });
  expect(frames).toBe(30 * 150);
  expect(bench.analysedTwice).toEqual([]);
});
