import { afterEach, beforeEach, expect, test } from 'vitest';
import { freshDataDir } from '../fixtures/data-dir.ts';
import { Command, demoCamera, demoNight, run } from './command.ts';

interface LiveJson {
  readonly cameras: readonly {
    readonly url: string;
    readonly captured: number;
    readonly analysed: number;
    readonly dropped: Readonly<Record<string, number>>;
    readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number };
    readonly sloMet: boolean;
    readonly freshnessMs: number;
  }[];
  readonly archive?: { readonly items: { readonly done: number; readonly failed: number }; readonly frames: number };
}

let folder: Awaited<ReturnType<typeof freshDataDir>>;
beforeEach(async () => {
  folder = await freshDataDir();
});
afterEach(() => folder.remove());

test('every captured frame is analysed or dropped with a reason, beside a scan that gets done', async () => {
  const { code, json } = await run<LiveJson>([
    'live',
    `file:${demoCamera}`,
    'test:?fps=10',
    '--seconds',
    '8',
    '--fps',
    '5',
    '--slo',
    '1000',
    '--scan',
    demoNight,
    '--data',
    folder.path,
    '--json',
  ]);
  expect(code).toBe(0);
  for (const camera of json.cameras) {
    const dropped = Object.values(camera.dropped).reduce((sum, count) => sum + count, 0);
    expect(camera.analysed + dropped).toBe(camera.captured);
    // 8 s at 5 a second; the clock starts with the first picture of any camera.
    expect(camera.captured).toBeGreaterThanOrEqual(33);
    expect(camera.captured).toBeLessThanOrEqual(52);
    expect(camera.latencyMs.p50).toBeGreaterThan(0);
    expect(camera.latencyMs.p95).toBeGreaterThanOrEqual(camera.latencyMs.p50);
  }
  expect(json.archive?.frames).toBeGreaterThan(0);
  expect(json.archive?.items.failed).toBe(0);
}, 120_000);

test('a scan handed to another scan runs beside it, and goes on by itself when that one ends', async () => {
  const of = ['--data', folder.path, '--json'];
  const first = new Command(['scan', demoNight, '--fps', '25', '--weight', '3', '--name', 'Night', ...of]);
  await first.until(() => /looking for|%/.test(first.stderr), 30_000, 'the first scan at work');
  const second = new Command(['scan', demoCamera, '--fps', '25', '--name', 'Lawn', ...of]);
  await second.until(() => /looking for|%/.test(second.stderr), 30_000, 'the second scan handed over');
  const atWork = async (): Promise<readonly string[]> => {
    const { json } = await run<{ jobs: readonly { name: string; state: string; framesThisRun: number }[] }>([
      'jobs',
      ...of,
    ]);
    return json.jobs.flatMap(({ name, state, framesThisRun }) =>
      state === 'running' && framesThisRun > 0 ? [name] : [],
    );
  };
  let names: readonly string[] = [];
  while (names.length < 2 && first.child.exitCode === null) names = await atWork();
  expect([...names].sort()).toEqual(['Lawn', 'Night']);
  first.child.kill('SIGINT');
  expect((await first.finished()).code).toBe(1);
  expect(await second.finished()).toMatchObject({ code: 0, json: { items: { done: 1, failed: 0 } } });
}, 120_000);

test('a second terminal: a scan is carried out by the owner, live is refused by name', async () => {
  const owner = new Command(['serve', '--no-open', '--data', folder.path]);
  await owner.until(() => /worst p95|no cameras/.test(owner.stderr), 30_000, 'the status line');
  const scan = await run<{ items: { done: number } }>([
    'scan',
    demoNight,
    '--tier',
    'fast',
    '--data',
    folder.path,
    '--json',
  ]);
  expect(scan.stderr).toContain(`process ${String(owner.child.pid)}`);
  expect(scan).toMatchObject({ code: 0, json: { items: { total: 15, done: 15 } } });
  const live = await run(['live', 'test:', '--seconds', '1', '--data', folder.path]);
  expect(live.code).toBe(1);
  expect(live.stderr).toContain(String(owner.child.pid));
  owner.child.kill('SIGTERM');
  expect((await owner.finished()).code).toBe(0);
}, 120_000);
