import { closeSync, mkdirSync, openSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { databaseName, openStore } from './client.ts';
import { openDatabase } from './open-database.ts';
import { asStorageError } from './sqlite-errors.ts';
import { openDirectly } from './testing/direct-store.ts';
import { folderForEachTest } from './testing/each-test.ts';
import { found, job, openFolder, storeWorkerFile } from './testing/store-fixture.ts';

const folder = folderForEachTest();

test('the data folder and the database are their owner’s alone', async () => {
  const dataDir = join(folder.path, 'data');
  const store = await openFolder(dataDir);
  await store.call('settings.set', { key: 'k', value: 'v' });
  const mode = (path: string): number => statSync(path).mode & 0o777;
  expect(mode(dataDir)).toBe(0o700);
  for (const name of [databaseName, `${databaseName}-wal`, 'owner.db']) expect(mode(join(dataDir, name))).toBe(0o600);
  await store.close();
});

test('what was committed is there again, and the WAL is folded in on close', async () => {
  const first = await openFolder(folder.path);
  await first.call('settings.set', { key: 'mode', value: 'strict' });
  await first.close();
  expect(statSync(join(folder.path, `${databaseName}-wal`), { throwIfNoEntry: false })?.size ?? 0).toBe(0);
  const second = await openFolder(folder.path);
  expect(await second.call('settings.get', { key: 'mode' })).toBe('strict');
  expect(await second.call('settings.get', { key: 'other' })).toBeNull();
  await second.close();
});

test('every open sets what durability needs', () => {
  for (const _ of ['first', 'again']) {
    const db = openDatabase({ file: join(folder.path, 'x.db') });
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(db.pragma('synchronous', { simple: true })).toBe(2);
    expect(db.pragma('foreign_keys', { simple: true })).toBe(1);
    db.close();
  }
});

test('a folder has one owner: another opening is refused in words, and may have it after a kill -9', async () => {
  const owner = await openFolder(folder.path);
  await expect(openFolder(folder.path)).rejects.toMatchObject({ kind: 'owned-elsewhere', where: folder.path });
  await owner.close();

  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('./testing/committing-child.ts', import.meta.url)), folder.path, 'real', '9000'],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  await once(child.stdout, 'data');
  await expect(openFolder(folder.path)).rejects.toMatchObject({ kind: 'owned-elsewhere' });
  child.kill('SIGKILL');
  await once(child, 'exit');
  const heir = await openFolder(folder.path);
  expect((await heir.call('jobs.list', undefined)).map(({ id }) => id)).toEqual(['kill']);
  await heir.close();
});

test('more calls than may be in flight wait in order, and the load says so', async () => {
  const store = await openFolder(folder.path);
  await store.call('jobs.save', job('j1'));
  const calls = Array.from({ length: 300 }, (_, n) =>
    store.call('items.found', { jobId: 'j1', run: 1, items: [found(`/${n}`)] }),
  );
  const { inFlight, waiting } = store.load();
  expect(inFlight + waiting).toBe(300);
  expect(inFlight).toBe(64);
  // Closing finishes what is under way.
  const closing = store.close();
  await Promise.all(calls);
  await closing;
  // How many were slow is the machine's business.
  expect(store.load()).toMatchObject({ inFlight: 0, waiting: 0, mostWaiting: 236, refused: 0 });
  const again = await openFolder(folder.path);
  const items = await again.call('items.page', { jobId: 'j1', states: ['pending'], afterId: 0, limit: 500 });
  expect(items.map(({ path }) => path)).toEqual(Array.from({ length: 300 }, (_, n) => `/${n}`));
  await again.close();
});

test('a closed store refuses calls, and closing twice is one closing', async () => {
  const store = await openFolder(folder.path);
  await Promise.all([store.close(), store.close()]);
  await expect(store.call('jobs.list', undefined)).rejects.toMatchObject({ kind: 'storage' });
});

test('when the worker dies every pending call fails, later ones too, and who listens hears it once', async () => {
  const crashing = join(folder.path, 'crashing.mjs');
  writeFileSync(
    crashing,
    `import { parentPort } from 'node:worker_threads';
     parentPort.on('message', () => { throw new Error('out of luck'); });
     parentPort.postMessage({ type: 'opened' });`,
  );
  const store = await openStore({ file: join(folder.path, 'x.db'), workerFile: crashing });
  const heard: string[] = [];
  store.onLost((error) => heard.push(error.message));
  const failures = await Promise.allSettled(Array.from({ length: 100 }, () => store.call('jobs.list', undefined)));
  for (const failure of failures) {
    expect(failure).toMatchObject({ status: 'rejected', reason: { kind: 'storage', name: 'NightshiftError' } });
  }
  await expect(store.call('jobs.list', undefined)).rejects.toMatchObject({ kind: 'storage' });
  expect(heard).toEqual([expect.stringContaining('out of luck')]);
  await store.close();
});

test('errors cross the thread with their kind; slow operations are logged by name', async () => {
  const lines: unknown[] = [];
  const store = await openStore({
    file: join(folder.path, 'x.db'),
    workerFile: storeWorkerFile,
    slowMs: -1,
    log: { warn: (message, fields) => lines.push([message, fields]) },
  });
  await expect(store.call('jobs.totals', { id: 'no' })).rejects.toMatchObject({
    name: 'NightshiftError',
    kind: 'not-found',
    where: 'job no',
  });
  expect(lines).toEqual([['slow store operation', { operation: 'jobs.totals', tookMs: expect.any(Number) as number }]]);
  expect(store.load().slow).toBe(1);
  await store.close();
});

test('a full disk is no-space and leaves the store usable', () => {
  const file = join(folder.path, 'x.db');
  const store = openDirectly(file);
  store.db.pragma(`max_page_count = ${(store.db.pragma('page_count', { simple: true }) as number) + 2}`);
  let caught: unknown;
  try {
    for (let n = 0; n < 100; n++) store.call('settings.set', { key: `k${n}`, value: 'x'.repeat(4_000) });
  } catch (error) {
    caught = error;
  }
  expect(asStorageError(caught, file)).toMatchObject({ kind: 'no-space', where: file });
  store.db.pragma('max_page_count = 1000000');
  store.call('settings.set', { key: 'after', value: 'x'.repeat(4_000) });
  expect(store.call('settings.get', { key: 'after' })).toHaveLength(4_000);
  store.db.close();
});

test('what cannot be opened says what, where and what to try', async () => {
  const attempt = (name: string, dataDir = folder.path) =>
    openStore({ file: join(dataDir, name), workerFile: storeWorkerFile }).then(
      () => null,
      (error: unknown) => error,
    );
  const noise = join(folder.path, 'noise.db');
  writeFileSync(noise, 'not a database at all, but long enough to have a header of its own '.repeat(20));
  expect(await attempt('noise.db')).toMatchObject({
    kind: 'storage',
    where: noise,
    hint: expect.any(String) as string,
  });
  mkdirSync(join(folder.path, 'dir.db'));
  expect(await attempt('dir.db')).toMatchObject({ kind: 'storage', hint: expect.any(String) as string });
  expect(await attempt('x.db', noise)).toMatchObject({ kind: 'storage', hint: expect.any(String) as string });

  const damaged = join(folder.path, 'damaged.db');
  const store = await openStore({ file: damaged, workerFile: storeWorkerFile });
  await store.close();
  const raw = new Database(damaged);
  const rootPage = raw.prepare(`SELECT rootpage FROM sqlite_schema WHERE name = 'settings'`).pluck().get() as number;
  const pageSize = raw.pragma('page_size', { simple: true }) as number;
  raw.close();
  const handle = openSync(damaged, 'r+');
  writeSync(handle, Buffer.alloc(pageSize, 0x5a), 0, pageSize, (rootPage - 1) * pageSize);
  closeSync(handle);
  const again = await openStore({ file: damaged, workerFile: storeWorkerFile });
  await expect(again.call('settings.get', { key: 'k' })).rejects.toMatchObject({
    kind: 'storage',
    message: expect.stringContaining('damaged') as string,
  });
  await again.close();
});

test('a write-protected database says so, and what to try', () => {
  const file = join(folder.path, 'x.db');
  openDatabase({ file }).close();
  const db = new Database(file, { readonly: true });
  let caught: unknown;
  try {
    db.prepare('DELETE FROM settings').run();
  } catch (error) {
    caught = error;
  }
  db.close();
  expect(asStorageError(caught, file)).toMatchObject({
    kind: 'storage',
    where: file,
    hint: expect.any(String) as string,
  });
});
