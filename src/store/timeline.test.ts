import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { ShedRecord } from '../shared/domain/timeline.ts';
import { migrations } from './migrations/index.ts';
import { openDatabase } from './open-database.ts';
import type { LaneSecond } from './operations.ts';
import { secondsSql, shedSql } from './queries/timeline.ts';
import { folderForEachTest, storeForEachTest } from './testing/each-test.ts';

const folder = folderForEachTest();
const store = storeForEachTest(folder);

const dayS = 86_400;
const nowMs = 1_700_000_000_000;
const nowS = nowMs / 1000;

const second = (atS: number, change: Partial<LaneSecond> = {}): LaneSecond => ({
  atS,
  liveMs: 100,
  archiveMs: 800,
  runs: 9,
  largestLive: 1,
  largestArchive: 32,
  shed: 0,
  ...change,
});
const gaveWay = (atMs: number, change: Partial<ShedRecord> = {}): ShedRecord => ({
  atMs,
  step: 'early-drop',
  camera: 'Gate',
  frames: 2,
  why: 'too late',
  ...change,
});
const read = (fromS: number, toS: number, perBucket: number) =>
  store.call('timeline.read', {
    fromS,
    toS,
    perBucket,
    shedFromMs: fromS * 1000,
    shedToMs: toS * 1000,
    mostShed: 3,
  });

test('seconds are added to what is there and summed up by stretches', () => {
  store.call('timeline.add', { seconds: [second(nowS - 60), second(nowS - 59)], shed: [], nowMs });
  store.call('timeline.add', { seconds: [second(nowS - 60, { runs: 1, largestLive: 4, shed: 3 })], shed: [], nowMs });
  store.call('timeline.add', { seconds: [second(nowS - 5)], shed: [], nowMs });
  expect(read(nowS - 60, nowS, 30).buckets).toEqual([
    { bucket: 0, liveMs: 300, archiveMs: 2_400, runs: 19, largestLive: 4, largestArchive: 32, shed: 3 },
    { bucket: 1, liveMs: 100, archiveMs: 800, runs: 9, largestLive: 1, largestArchive: 32, shed: 0 },
  ]);
  expect(read(nowS - 59, nowS - 5, 60).buckets).toMatchObject([{ bucket: 0, runs: 9 }]);
});

test('of shed records the newest are told, in order of time', () => {
  const shed = [5, 4, 3, 2, 1].map((ago) => gaveWay(nowMs - ago * 1000, { camera: ago === 2 ? null : 'Gate' }));
  store.call('timeline.add', { seconds: [], shed, nowMs });
  expect(read(nowS - 60, nowS, 60).shed).toEqual(shed.slice(-3));
  expect(read(nowS - 60, nowS - 3, 60).shed).toEqual(shed.slice(0, 2));
});

test('a day is kept: older ones go, and so do those from a clock that was far ahead', () => {
  const far = nowS + 40 * dayS;
  store.call('timeline.add', { seconds: [second(far)], shed: [gaveWay(far * 1000)], nowMs: far * 1000 });
  store.call('timeline.add', { seconds: [second(nowS)], shed: [gaveWay(nowMs)], nowMs });
  expect(store.db.prepare('SELECT at_s FROM lane_seconds').pluck().all()).toEqual([nowS]);
  store.call('timeline.add', { seconds: [second(nowS + dayS + 1)], shed: [], nowMs: nowMs + (dayS + 1) * 1000 });
  expect(store.db.prepare('SELECT at_s FROM lane_seconds').pluck().all()).toEqual([nowS + dayS + 1]);
  expect(store.db.prepare('SELECT count(*) FROM shed_records').pluck().get()).toBe(0);
});

test('a night of overload leaves the newest 50,000 shed records', () => {
  const shed = Array.from({ length: 26_000 }, (_, index) => gaveWay(nowMs + index));
  store.call('timeline.add', { seconds: [], shed, nowMs });
  store.call('timeline.add', { seconds: [], shed, nowMs });
  expect(store.db.prepare('SELECT count(*), min(id) FROM shed_records').raw().get()).toEqual([50_000, 2_001]);
});

test('an hour is found by its key', () => {
  const plan = (sql: string, parameters: unknown): string =>
    (store.db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(parameters) as { detail: string }[])
      .map(({ detail }) => detail)
      .join('\n');
  expect(plan(secondsSql, { fromS: 1, toS: 2, perBucket: 1 })).toContain('USING INTEGER PRIMARY KEY');
  const shed = plan(shedSql, { fromMs: 1, toMs: 2, most: 1 });
  expect(shed).toContain('USING INDEX shed_records_by_time');
  expect(shed).not.toContain('TEMP B-TREE');
});

test('a database of the first release gets the tables and keeps its rows', () => {
  const file = join(folder.path, 'old.db');
  openDatabase({ file, migrations: migrations.slice(0, 1) }).close();
  const old = new Database(file);
  old.prepare('INSERT INTO settings VALUES (?, ?)').run('kept', 'yes');
  old.close();
  const upgraded = openDatabase({ file });
  expect(upgraded.prepare(`SELECT value FROM settings WHERE key = 'kept'`).pluck().get()).toBe('yes');
  expect(upgraded.prepare('SELECT count(*) FROM lane_seconds').pluck().get()).toBe(0);
  upgraded.close();
});
