import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, expect, test } from 'vitest';
import { dumpSchema } from './dump-schema.ts';
import { copyBeforeUpgrade, migrate } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import type { Migration } from './migrations/migration.ts';
import { openDatabase } from './open-database.ts';
import { folderForEachTest } from './testing/each-test.ts';

const folder = folderForEachTest();
let file: string;
beforeEach(() => {
  file = join(folder.path, 'test.db');
});

const newest = migrations[migrations.length - 1]?.version ?? 0;
const addNotes: Migration = {
  version: newest + 10,
  name: 'notes',
  up: (db) => db.exec('CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT'),
};
const splitNotes: Migration = {
  version: newest + 20,
  name: 'note-authors',
  up: (db) => db.exec(`ALTER TABLE notes ADD COLUMN author TEXT NOT NULL DEFAULT 'nobody'`),
};
const future = [...migrations, addNotes, splitNotes];

test('the committed schema is the one that the migrations make', () => {
  const db = openDatabase({ file });
  const committed = readFileSync(new URL('./schema.sql', import.meta.url), 'utf8');
  expect(dumpSchema(db), 'run node scripts/dump-schema.mjs').toBe(committed);
  db.close();
});

test('a fresh database and one upgraded step by step are the same, and rows survive', () => {
  const fresh = openDatabase({ file: join(folder.path, 'fresh.db'), migrations: future });
  openDatabase({ file }).close();
  let upgraded = new Database(file);
  upgraded.prepare('INSERT INTO settings VALUES (?, ?)').run('kept', 'yes');
  upgraded.close();
  for (let steps = migrations.length + 1; steps <= future.length; steps++) {
    openDatabase({ file, migrations: future.slice(0, steps) }).close();
  }
  upgraded = openDatabase({ file, migrations: future });
  expect(dumpSchema(upgraded)).toBe(dumpSchema(fresh));
  expect(upgraded.prepare(`SELECT value FROM settings WHERE key = 'kept'`).pluck().get()).toBe('yes');
  upgraded.close();
  fresh.close();
});

test('before an upgrade a whole copy is kept under the old version, and none of a new database', () => {
  const db = openDatabase({ file });
  db.prepare('INSERT INTO settings VALUES (?, ?)').run('k', 'before');
  db.close();
  expect(statSync(copyBeforeUpgrade(file, 0), { throwIfNoEntry: false })).toBeUndefined();
  openDatabase({ file, migrations: future }).close();
  const copyFile = copyBeforeUpgrade(file, newest);
  expect(statSync(copyFile).mode & 0o777).toBe(0o600);
  const copy = new Database(copyFile, { readonly: true });
  expect(copy.pragma('user_version', { simple: true })).toBe(newest);
  expect(copy.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(copy.prepare('SELECT value FROM settings').pluck().get()).toBe('before');
  copy.close();
});

test('a step that fails leaves the version before it, whole', () => {
  openDatabase({ file }).close();
  const broken: Migration = {
    version: newest + 20,
    name: 'broken',
    up: (db) => {
      db.exec('CREATE TABLE half (id INTEGER)');
      db.exec('CREATE TABLE half (id INTEGER)');
    },
  };
  expect(() => openDatabase({ file, migrations: [...migrations, addNotes, broken] })).toThrow(/half already exists/);
  const db = new Database(file);
  expect(db.pragma('user_version', { simple: true })).toBe(newest + 10);
  expect(dumpSchema(db)).not.toContain('half');
  db.close();
});

test('a database of a newer program is refused by name and stays as it is', () => {
  openDatabase({ file, migrations: future }).close();
  expect(() => openDatabase({ file })).toThrow(
    expect.objectContaining({
      kind: 'unsupported',
      where: file,
      hint: expect.stringMatching(/Update/) as string,
    }) as Error,
  );
  const db = new Database(file);
  expect(db.pragma('user_version', { simple: true })).toBe(newest + 20);
  db.close();
});

test('versions that do not increase are a bug found at once', () => {
  const db = new Database(':memory:');
  expect(() => migrate(db, file, [addNotes, addNotes])).toThrow(/does not follow/);
  db.close();
});

test('every table says what one row is', () => {
  const db = openDatabase({ file });
  const tables = db.prepare(`SELECT name, sql FROM sqlite_schema WHERE type = 'table'`).all() as {
    name: string;
    sql: string;
  }[];
  for (const { name, sql } of tables) expect(sql, name).toMatch(/-- (One row|The only row):/);
  db.close();
});
