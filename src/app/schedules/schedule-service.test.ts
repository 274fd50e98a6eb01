import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CallInput, CallName, CallOutput } from '../../shared/contract/calls.ts';
import {
  allWeekdays,
  scheduleSettingsSchema,
  type ScheduleSettings,
  type ScheduleSettingsInput,
  type ScheduleView,
} from '../../shared/domain/schedule.ts';
import { NightshiftError } from '../../shared/errors.ts';
import { hourMs, minuteMs } from '../../shared/local-time.ts';
import type { OperationName } from '../../store/operations.ts';
import { jobIdOf } from '../jobs/job-id.ts';
import { AppBench } from '../testing/app-bench.ts';
import type { EngineScript } from '../testing/scripted-engine.ts';

let bench: AppBench;
let script: Partial<EngineScript>;
/** As they were told last. */
let schedules: readonly ScheduleView[];
beforeEach(() => {
  script = {};
  schedules = [];
});
afterEach(() => bench.end());

/** A running application with something to scan, five seconds before a minute is full; answers that minute. */
async function open(): Promise<number> {
  bench = new AppBench(script);
  bench.file('yard/1.jpg');
  bench.file('gate.mp4');
  const minute = Math.ceil(Date.now() / minuteMs + 1) * minuteMs;
  vi.setSystemTime(minute - 5_000);
  await start();
  return minute;
}

async function start(options: Parameters<AppBench['start']>[0] = {}): Promise<void> {
  const app = await bench.start(options);
  app.subscribe((message) => {
    if (message.event === 'schedules.changed') schedules = message.payload;
  });
}

/** The process is gone; the clock of the machine goes on. */
async function killed(): Promise<void> {
  const nowMs = Date.now();
  const gone = bench.killed();
  vi.setSystemTime(nowMs);
  await gone;
}

const call = <K extends CallName>(name: K, input: CallInput<K>): Promise<CallOutput<K>> =>
  bench.passing(bench.app.handlers[name](input));
const settings = (change: Partial<ScheduleSettingsInput>): ScheduleSettings =>
  scheduleSettingsSchema.parse({
    name: 'Nightly',
    job: bench.spec(),
    when: { kind: 'once', atMs: Date.now() + 3_000 },
    timeZone: 'UTC',
    ...change,
  });
const create = (change: Partial<ScheduleSettingsInput> = {}): Promise<ScheduleView> =>
  call('schedules.create', settings(change));
const history = (id: string) => call('schedules.history', { id, limit: 50 });
const timeOfDay = (ms: number): string => new Date(ms).toISOString().slice(11, 16);
const between = (fromMs: number, toMs: number) => ({
  days: [...allWeekdays],
  from: timeOfDay(fromMs),
  to: timeOfDay(toMs),
});
const jobId = (): string => jobIdOf(bench.spec());

const told = (id: string): ScheduleView | undefined => schedules.find((schedule) => schedule.id === id);
const ended = (id: string): Promise<void> => bench.until(() => told(id)?.lastRun?.end != null, 10 * minuteMs);

test('it starts its scan at its time, once, and notes how it ended', async () => {
  await open();
  const dueMs = Date.now() + 40_000;
  const { id, next } = await create({ when: { kind: 'once', atMs: dueMs } });
  expect(next).toEqual({ dueMs, startMs: dueMs });
  await bench.pass(39_000);
  expect(bench.job(jobId())).toBeUndefined();
  await ended(id);
  const [run, ...others] = await history(id);
  expect(others).toEqual([]);
  expect(run).toMatchObject({ dueMs, outcome: 'started', end: 'done', jobId: jobId(), why: null, byHand: false });
  expect(run!.atMs - dueMs).toBeLessThan(1_000);
  expect((await call('jobs.get', { id: jobId() })).name).toBe('Nightly');
  await bench.pass(31_000);
  expect(await history(id)).toHaveLength(1);
  expect(told(id)).toMatchObject({ next: null, running: null });
});

test('every minute: what is there already is looked at once, what is new is found', async () => {
  await open();
  const { id } = await create({ when: { kind: 'cron', pattern: '* * * * *' } });
  await ended(id);
  bench.file('yard/2.jpg');
  const first = told(id)!.lastRun!.dueMs;
  await bench.until(() => told(id)!.lastRun!.dueMs > first && told(id)!.lastRun!.end === 'done', 5 * minuteMs);
  expect(await bench.rows(jobId())).toHaveLength(12);
  expect(bench.analysedTwice).toEqual([]);
  expect((await history(id)).length).toBeGreaterThan(1);
});

describe('killed between its time and the start of its scan', () => {
  const moments: readonly (readonly [string, OperationName, boolean])[] = [
    ['before it is decided', 'schedules.decide', false],
    ['before the job is stored', 'jobs.save', false],
    ['after the job was stored', 'jobs.save', true],
    ['before it is noted that the scan started', 'schedules.saveRun', false],
  ];
  test.each(moments)('%s it starts once', async (_name, operation, isDone) => {
    await open();
    const { id } = await create();
    const gone: Promise<void>[] = [];
    bench.storeFault = (name) => {
      if (name !== operation || gone.length > 0) return null;
      gone.push(killed());
      return isDone ? null : new Error('this process is gone');
    };
    await bench.until(() => gone.length > 0);
    await gone[0];
    bench.storeFault = () => null;
    await start();
    await ended(id);
    const runs = await history(id);
    expect(runs).toHaveLength(1);
    expect(runs[0]).toMatchObject({ outcome: 'started', end: 'done', jobId: jobId() });
    expect(await bench.rows(jobId())).toHaveLength(11);
    const [row] = await bench.passing(bench.store.call('jobs.list', undefined));
    expect(row).toMatchObject({ state: 'done', startKey: `${id}@${String(runs[0]!.dueMs)}` });
    await bench.pass(31_000);
    expect(await history(id)).toEqual(runs);
  });

  test('and its scan has ended meanwhile: it is not started again', async () => {
    await open();
    const { id } = await create();
    let isCut = false;
    bench.storeFault = (name) => {
      if (name === 'schedules.saveRun') isCut = true;
      return isCut && name.startsWith('schedules.') ? new Error('not kept') : null;
    };
    await bench.jobIs(jobId(), 'done');
    await killed();
    bench.storeFault = (name) => (name === 'jobs.save' ? new Error('nothing is to be started') : null);
    await start();
    await ended(id);
    expect(await history(id)).toMatchObject([{ outcome: 'started', end: 'done' }]);
  });
});

describe('the machine slept', () => {
  const sleep = (ms: number): void => {
    vi.setSystemTime(Date.now() + ms);
  };

  test('what was missed is made up for once, within half a minute', async () => {
    await open();
    const dueMs = Date.now() + 3_000;
    const { id } = await create({ when: { kind: 'once', atMs: dueMs } });
    sleep(8 * hourMs);
    const awakeMs = Date.now();
    await ended(id);
    const [run] = await history(id);
    expect(run).toMatchObject({
      dueMs,
      outcome: 'started',
      why: expect.stringMatching(/^It began 8 h 00 min late/) as string,
    });
    expect(run!.atMs - awakeMs).toBeLessThanOrEqual(30_000);
  });

  test('or it is left out, and somebody is told', async () => {
    await open();
    const { id } = await create({ missed: 'skip' });
    sleep(8 * hourMs);
    await bench.told('Nightly: the run of');
    await bench.pass(31_000);
    expect(await history(id)).toMatchObject([{ outcome: 'missed', count: 1 }]);
    expect(bench.job(jobId())).toBeUndefined();
  });
});

describe('its hours', () => {
  /** Due half a second before its hours end; they begin again a minute later. */
  async function heldScan(): Promise<{ id: string; goesOnMs: number }> {
    script = { frames: (path) => (path.endsWith('.mp4') ? 6_000 : 1) };
    const endMs = await open();
    const goesOnMs = endMs + minuteMs;
    const { id } = await create({
      when: { kind: 'once', atMs: endMs - 500 },
      mayRun: [between(endMs - 10 * minuteMs, endMs), between(goesOnMs, goesOnMs + hourMs)],
    });
    await bench.jobIs(jobId(), 'paused');
    await bench.until(() => told(id)?.running?.heldUntilMs != null);
    return { id, goesOnMs };
  }

  test('end: its scan is paused and says until when; they begin: it goes on', async () => {
    const { id, goesOnMs } = await heldScan();
    expect(told(id)?.running).toEqual({ jobId: jobId(), heldUntilMs: goesOnMs });
    const { reason, frames } = await call('jobs.get', { id: jobId() });
    expect(reason).toMatch(/^Paused for the hours of the schedule Nightly\. It goes on .* \(UTC\+00:00\)\.$/);
    expect(frames).toBeLessThan(6_000);
    await bench.jobIs(jobId(), 'running', 2 * minuteMs);
    expect(Date.now()).toBeGreaterThanOrEqual(goesOnMs);
    await ended(id);
    expect(await history(id)).toMatchObject([{ outcome: 'started', end: 'done' }]);
    expect(await bench.rows(jobId())).toHaveLength(6_001);
  });

  test('whoever lets it run outside of them is not contradicted', async () => {
    const { id, goesOnMs } = await heldScan();
    await call('jobs.resume', { id: jobId() });
    await bench.pass(20_000);
    expect(Date.now()).toBeLessThan(goesOnMs);
    expect(bench.job(jobId())?.state).not.toBe('paused');
    await ended(id);
  });

  test('paused by hand it stays paused when they begin', async () => {
    const { goesOnMs } = await heldScan();
    await call('jobs.resume', { id: jobId() });
    await call('jobs.pause', { id: jobId() });
    await bench.until(() => Date.now() > goesOnMs + 31_000, 3 * minuteMs);
    expect(bench.job(jobId())).toMatchObject({ state: 'paused', reason: null });
  });

  test('a restart outside of them leaves it paused, and it goes on', async () => {
    const { id, goesOnMs } = await heldScan();
    await killed();
    await start();
    await bench.pass(2_000);
    expect(await call('jobs.get', { id: jobId() })).toMatchObject({ state: 'paused' });
    await ended(id);
    expect(Date.now()).toBeGreaterThan(goesOnMs);
  });

  test('by hand it runs outside of them too, once', async () => {
    await open();
    const { id } = await create({
      when: { kind: 'weekly', days: [1], time: '00:00' },
      mayRun: [between(Date.now() + hourMs, Date.now() + 2 * hourMs)],
    });
    const job = await call('schedules.runNow', { id });
    expect(job).toMatchObject({ id: jobId(), state: 'queued' });
    await expect(call('schedules.runNow', { id })).rejects.toMatchObject({ kind: 'conflict' });
    await ended(id);
    expect(await history(id)).toMatchObject([{ byHand: true, outcome: 'started', end: 'done' }]);
  });
});

test('while its scan has not ended the next time is skipped, and says so', async () => {
  script = { silent: true };
  await open();
  const { id } = await create({ when: { kind: 'cron', pattern: '* * * * *' } });
  await bench.until(() => told(id)?.lastRun?.outcome === 'skipped', 4 * minuteMs);
  const [skipped, started] = await history(id);
  expect(started).toMatchObject({ outcome: 'started', end: null });
  expect(skipped).toMatchObject({ outcome: 'skipped', why: 'The scan of an earlier run had not ended.' });
});

test('a full disk at its time costs no run: it starts as soon as there is room', async () => {
  await open();
  const { id } = await create();
  let refused = 0;
  bench.storeFault = (name) =>
    name === 'jobs.save' && refused++ < 2
      ? new NightshiftError({ kind: 'no-space', message: 'The disk of the data folder is full.' })
      : null;
  await bench.told('Nightly could not be started: The disk of the data folder is full.');
  await ended(id);
  expect(await history(id)).toMatchObject([{ outcome: 'started', end: 'done' }]);
  const notices = await call('notices.list', undefined);
  expect(notices.filter(({ clearedAtMs, topic }) => clearedAtMs === null && topic.startsWith('schedule'))).toEqual([]);
});

test('a scan that cannot be started is told, and kept with its reason', async () => {
  await open();
  const { id } = await create();
  const other = await create({ when: { kind: 'once', atMs: Date.now() + 20_000 } });
  bench.storeFault = (name) => (name === 'recipes.ensure' ? new Error('the model is gone') : null);
  await bench.told('Nightly could not be started: the model is gone');
  expect(await history(id)).toMatchObject([{ outcome: 'failed', why: 'the model is gone' }]);
  bench.storeFault = () => null;
  await ended(other.id);
});

test('what would never run is refused in words', async () => {
  await open();
  const refused = async (change: Partial<ScheduleSettingsInput>, words: RegExp): Promise<void> => {
    await expect(create(change)).rejects.toThrow(words);
  };
  await refused({ when: { kind: 'once', atMs: Date.now() - 1 } }, /over/);
  await refused({ when: { kind: 'cron', pattern: '61 * * * *' } }, /cron pattern/);
  await refused({ when: { kind: 'cron', pattern: '0 0 30 2 *' } }, /never|no time/);
  const anHour = [between(Date.now(), Date.now() + hourMs)];
  await refused({ mayRun: anHour, quiet: anHour }, /no time to run/);
  await refused({ job: bench.spec({ modelId: 'nowhere' }) }, /nowhere/);
  await expect(call('schedules.history', { id: 'none', limit: 1 })).rejects.toMatchObject({ kind: 'not-found' });
  expect(await call('schedules.list', undefined)).toEqual([]);
});

test('switched off it does not run, and what passed meanwhile is not due', async () => {
  await open();
  const { id } = await create({ when: { kind: 'cron', pattern: '* * * * *' }, enabled: false });
  await bench.pass(10_000);
  expect((await call('schedules.list', undefined))[0]?.next).toBeNull();
  const { next } = await call('schedules.update', { id, settings: { enabled: true } });
  expect(next?.dueMs).toBeGreaterThan(Date.now());
  await ended(id);
  expect(await history(id)).toHaveLength(1);
  await call('schedules.remove', { id });
  expect(await call('schedules.list', undefined)).toEqual([]);
  expect((await call('jobs.get', { id: jobId() })).state).toBe('done');
});

test('a single command starts nothing by the clock', async () => {
  await open();
  await create();
  await bench.close();
  await start({ openCameras: false, resumeJobs: false });
  await bench.pass(10_000);
  expect((await call('app.overview', undefined)).jobs).toEqual([]);
  const [schedule] = await call('schedules.list', undefined);
  // It still is to be made up for by whoever runs the application.
  expect(schedule?.next?.dueMs).toBeLessThan(Date.now());
});

test('of an earlier version it has the defaults of what was not known; what is not known here is told', async () => {
  await open();
  const known = await create();
  const other = await create({ name: 'Elsewhere' });
  const { weight: _weight, ...job } = known.settings.job;
  const rows = await bench.passing(bench.store.call('schedules.list', undefined));
  for (const row of rows) {
    const changed = row.id === other.id ? { ...row.settings, timeZone: 'Mars/Base' } : { ...row.settings, job };
    await bench.passing(bench.store.call('schedules.save', { ...row, settings: changed as ScheduleSettings }));
  }
  await bench.close();
  await start();
  expect(await call('schedules.list', undefined)).toMatchObject([{ id: known.id, settings: known.settings }]);
  await bench.told('Elsewhere does not run: there is no such time zone');
});
