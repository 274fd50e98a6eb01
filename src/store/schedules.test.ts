import { expect, test } from 'vitest';
import { scheduleSettingsSchema } from '../shared/domain/schedule.ts';
import type { StoredSchedule, StoredScheduleRun } from './operations.ts';
import { storeForEachTest } from './testing/each-test.ts';
import { job } from './testing/store-fixture.ts';

const store = storeForEachTest();

const settings = scheduleSettingsSchema.parse({
  name: 'Nightly',
  job: { paths: ['/footage'] },
  when: { kind: 'weekly', days: [1, 2, 3, 4, 5], time: '22:00' },
  timeZone: 'Europe/Berlin',
  mayRun: [{ days: [1], from: '22:00', to: '06:00' }],
});
const schedule = (id: string, createdAtMs = 1_000): StoredSchedule => ({
  id,
  settings,
  createdAtMs,
  consideredMs: 1_000,
});
const run = (dueMs: number, over: Partial<StoredScheduleRun> = {}): StoredScheduleRun => ({
  scheduleId: 's1',
  dueMs,
  atMs: dueMs + 5,
  byHand: false,
  outcome: 'starting',
  why: null,
  count: 1,
  atLeast: false,
  jobId: null,
  heldUntilMs: null,
  heldReason: null,
  endedAtMs: null,
  end: null,
  ...over,
});
const decide = (dueMs: number, over: Partial<StoredScheduleRun> = {}) =>
  store.call('schedules.decide', { id: 's1', consideredMs: dueMs, missed: null, run: run(dueMs, over) });
const runs = (limit = 200) => store.call('schedules.runs', { id: 's1', limit });

test('schedules are kept whole, changed in place, oldest first', () => {
  store.call('schedules.save', schedule('s2', 2_000));
  store.call('schedules.save', schedule('s1'));
  expect(store.call('schedules.list', undefined)).toEqual([schedule('s1'), schedule('s2', 2_000)]);
  const changed = { ...schedule('s2', 2_000), settings: { ...settings, enabled: false }, consideredMs: 9_000 };
  store.call('schedules.save', changed);
  expect(store.call('schedules.list', undefined)[1]).toEqual(changed);
});

test('a run is decided once: what is known by its due time stays as it is', () => {
  store.call('schedules.save', schedule('s1'));
  const missed = run(4_000, { outcome: 'missed', count: 3, atLeast: true, why: 'asleep' });
  expect(store.call('schedules.decide', { id: 's1', consideredMs: 5_010, missed, run: run(5_000) })).toEqual({
    isNew: true,
  });
  expect(store.call('schedules.list', undefined)[0]?.consideredMs).toBe(5_010);
  const started = run(5_000, { outcome: 'started', jobId: 'job-1', heldUntilMs: 8_000, heldReason: 'hours' });
  store.call('schedules.saveRun', started);
  // The clock was put back, and the time comes again.
  expect(decide(5_000, { why: 'again' })).toEqual({ isNew: false });
  expect(runs()).toEqual([started, missed]);
  expect(store.call('schedules.decide', { id: 's1', consideredMs: 6_000, missed: null, run: null }).isNew).toBe(false);
});

test('open are those that are starting and those whose scan has not ended', () => {
  store.call('schedules.save', schedule('s1'));
  decide(1_000, { outcome: 'started', jobId: 'a', endedAtMs: 1_500, end: 'done' });
  decide(2_000, { outcome: 'started', jobId: 'a' });
  decide(3_000, { outcome: 'missed' });
  decide(4_000);
  expect(store.call('schedules.openRuns', undefined).map(({ dueMs }) => dueMs)).toEqual([2_000, 4_000]);
  expect(runs(1).map(({ dueMs }) => dueMs)).toEqual([4_000]);
});

test('the newest 200 are kept, and one that has not ended', () => {
  store.call('schedules.save', schedule('s1'));
  decide(1, { outcome: 'started', jobId: 'a' });
  for (let due = 2; due <= 260; due++) decide(due, { outcome: 'missed' });
  const kept = store.db.prepare('SELECT due_ms FROM schedule_runs ORDER BY due_ms').pluck().all();
  expect(kept).toEqual([1, ...Array.from({ length: 200 }, (_, index) => 61 + index)]);
});

test('with a schedule its runs are gone, and those of others stay', () => {
  store.call('schedules.save', schedule('s1'));
  store.call('schedules.save', schedule('s2'));
  decide(1_000);
  store.call('schedules.decide', { id: 's2', consideredMs: 1, missed: null, run: run(7, { scheduleId: 's2' }) });
  store.call('schedules.remove', { id: 's1' });
  expect(store.call('schedules.list', undefined).map(({ id }) => id)).toEqual(['s2']);
  expect(store.call('schedules.openRuns', undefined).map(({ dueMs }) => dueMs)).toEqual([7]);
});

test('a job keeps the run that it was last started by', () => {
  store.call('jobs.save', { ...job('a'), startKey: 's1@5000' });
  store.call('jobs.save', job('b'));
  expect(store.call('jobs.get', { id: 'a' })).toEqual({ ...job('a'), startKey: 's1@5000' });
  expect(store.call('jobs.get', { id: 'b' })).not.toHaveProperty('startKey');
});
