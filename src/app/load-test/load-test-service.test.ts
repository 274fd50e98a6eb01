import { existsSync, readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { loadTestSpecSchema, type LoadTestReport } from '../../shared/domain/load-test.ts';
import { AppBench } from '../testing/app-bench.ts';
import type { EngineScript } from '../testing/scripted-engine.ts';

let bench: AppBench;
const open = (script: Partial<EngineScript> = {}): AppBench => (bench = new AppBench(script));
afterEach(() => bench.end());

const start = (change: Record<string, unknown>): Promise<LoadTestReport> =>
  bench.passing(bench.app.handlers['loadTest.start'](loadTestSpecSchema.parse(change)));

async function ended(limitMs: number): Promise<LoadTestReport> {
  const told = (): LoadTestReport | undefined => {
    for (let index = bench.events.length - 1; index >= 0; index--) {
      const message = bench.events[index];
      if (message?.event === 'loadTest.progress') return message.payload;
    }
    return undefined;
  };
  await bench.until(() => told()?.state !== undefined && told()?.state !== 'running', limitMs);
  return told() as LoadTestReport;
}

const dropped = (report: LoadTestReport): number =>
  Object.values(report.whole?.dropped ?? {}).reduce((sum, count) => sum + count, 0);

test('a minute of cameras beside a scan: figures, files, and nothing left behind', async () => {
  open();
  for (let index = 0; index < 40; index += 1) bench.file(`${String(index)}.mp4`);
  await bench.start();
  await start({ cameras: 3, fps: 5, minutes: 1, scan: bench.footage, repeatScan: true });
  await expect(start({})).rejects.toMatchObject({ kind: 'conflict' });
  const report = await ended(90_000);

  expect(report).toMatchObject({ state: 'done', reason: null, gaveOut: null });
  expect(report.minutes).toHaveLength(1);
  const { whole } = report;
  expect(whole?.captured).toBeGreaterThan(3 * 5 * 55);
  expect(whole?.captured).toBeLessThan(3 * 5 * 65);
  expect(whole?.sloAttainment).toBe(1);
  expect(dropped(report)).toBe(0);
  expect(whole?.archivePerSecond).toBeGreaterThan(10);
  expect(whole?.latencyMs?.p95).toBeLessThan(60);
  expect(JSON.parse(readFileSync(report.files?.json ?? '', 'utf8'))).toEqual(report);
  expect(readFileSync(report.files?.html ?? '', 'utf8')).toContain('3 cameras at 5 frames a second, steady');

  const { cameras, jobs } = await bench.passing(bench.app.handlers['app.overview'](undefined));
  expect(cameras).toEqual([]);
  // The scan goes on when somebody asks for it.
  expect(jobs.some(({ state }) => state === 'running')).toBe(false);
});

test('a ramp ends where the promise breaks, and says what gave out', async () => {
  open({ runMs: (_lane, batch) => 60 * batch });
  await bench.start();
  await start({ cameras: 2, fps: 4, minutes: 10, ramp: true, sloMs: 200 });
  const report = await ended(700_000);
  expect(report.state).toBe('done');
  expect(report.minutes.length).toBeGreaterThan(2);
  // 16.7 frames a second are all that this device can do.
  const last = report.minutes[report.minutes.length - 1];
  expect((last?.fps ?? 0) * 2).toBeGreaterThan(14);
  expect(last?.sloAttainment).toBeLessThan(0.95);
  expect(report.gaveOut).toContain('What gave out: the device: ');
});

test('a scan of nothing is refused before anything starts', async () => {
  open();
  await bench.start();
  await expect(start({ scan: '/no/such/folder' })).rejects.toMatchObject({
    kind: 'not-found',
    message: 'There is nothing at this path.',
  });
  expect(await bench.app.handlers['loadTest.latest'](undefined)).toBeNull();
});

test('is stopped with the figures it has, and survives the engine', async () => {
  open();
  await bench.start();
  await start({ cameras: 2, minutes: 5 });
  await bench.pass(20_000);
  bench.engines.latest().end({ code: null, signal: 'SIGSEGV' });
  await bench.pass(20_000);
  const report = await bench.passing(bench.app.handlers['loadTest.stop'](undefined));
  expect(report?.state).toBe('stopped');
  expect(report?.whole?.seconds).toBeGreaterThan(30);
  expect(report?.whole?.captured).toBeGreaterThan(250);
  expect(existsSync(report?.files?.html ?? '')).toBe(true);
});

test('of two that are asked for at once one is begun, and one that is still being prepared is stopped too', async () => {
  open();
  await bench.start();
  const { handlers } = bench.app;
  const spec = loadTestSpecSchema.parse({ cameras: 1, minutes: 5 });
  const both = [handlers['loadTest.start'](spec), handlers['loadTest.start'](spec)];
  const stopped = handlers['loadTest.stop'](undefined);
  const [first, second] = await bench.passing(Promise.allSettled(both));
  expect(first).toMatchObject({ status: 'fulfilled', value: { state: 'running' } });
  expect(second).toMatchObject({ status: 'rejected', reason: { kind: 'conflict' } });
  expect(await bench.passing(stopped)).toMatchObject({ state: 'stopped', minutes: [] });
  // Nothing of it keeps the next one from beginning.
  expect(await start({ cameras: 1, minutes: 1 })).toMatchObject({ state: 'running' });
});
