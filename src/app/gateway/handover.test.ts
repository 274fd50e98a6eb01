import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { EventMessage } from '../../shared/contract/events.ts';
import { NightshiftError } from '../../shared/errors.ts';
import { createToken } from './access.ts';
import { createFakeApp, silentLog } from './testing/fake-app.ts';
import { startGateway } from './gateway.ts';
import { connectOwner } from './handover-client.ts';
import { nameOwner } from './name-owner.ts';
import { readOwnerFile, writeOwnerFile } from './owner-file.ts';

const hurried = { findMs: 0, answerMs: 200 };
let dataDir: string;
const undo: (() => unknown)[] = [];

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'nightshift-owner-'));
});
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
  await rm(dataDir, { recursive: true, force: true });
});

async function startOwner() {
  const app = createFakeApp();
  app.answerWith('system.status', () => ({ host: 'browser' }));
  const token = createToken();
  const gateway = await startGateway({ app, rendererDir: null, port: 0, token, log: silentLog });
  undo.push(() => gateway.close());
  const removeFile = await writeOwnerFile(dataDir, { pid: process.pid, port: gateway.port, token });
  return { app, token, gateway, removeFile };
}

it('keeps the record to this user and leaves no draft behind', async () => {
  const record = { pid: 4711, port: 5000, token: createToken() };
  await writeFile(path.join(dataDir, 'owner.json.4711'), 'left by a crash', { mode: 0o644 });
  const remove = await writeOwnerFile(dataDir, record);
  expect(await readdir(dataDir)).toEqual(['owner.json']);
  expect((await stat(path.join(dataDir, 'owner.json'))).mode & 0o777).toBe(0o600);
  expect(await readOwnerFile(dataDir)).toEqual(record);
  await remove();
  expect(await readdir(dataDir)).toEqual([]);
  await remove();
});

it("leaves a successor's record alone", async () => {
  const remove = await writeOwnerFile(dataDir, { pid: 1, port: 5000, token: createToken() });
  const successor = { pid: 2, port: 5001, token: createToken() };
  await writeOwnerFile(dataDir, successor);
  await remove();
  expect(await readOwnerFile(dataDir)).toEqual(successor);
});

it.each([
  '',
  '{',
  '{"pid":1,"port":0,"token":"aaaaaaaaaaaaaaaaaaaaaaaa"}',
  '{"pid":1,"port":80,"token":"a b"}',
  'null',
])('does not trust a record of %j', async (text) => {
  await writeFile(path.join(dataDir, 'owner.json'), text);
  expect(await readOwnerFile(dataDir)).toBeNull();
});

it('carries calls, errors and events of the owner', async () => {
  const { app } = await startOwner();
  const owner = await connectOwner(dataDir);
  expect(owner.pid).toBe(process.pid);

  app.answerWith('jobs.pause', (input) => ({ ...(input as object), state: 'paused' }));
  expect(await owner.call('jobs.pause', { id: 'j1' })).toEqual({ id: 'j1', state: 'paused' });
  app.answerWith('jobs.cancel', () => {
    throw new NightshiftError({ kind: 'not-found', message: 'No such job.', where: 'j2', hint: 'List the jobs.' });
  });
  await expect(owner.call('jobs.cancel', { id: 'j2' })).rejects.toMatchObject({
    kind: 'not-found',
    where: 'j2',
    hint: 'List the jobs.',
  });
  app.answerWith('notices.dismiss', () => undefined);
  expect(await owner.call('notices.dismiss', { id: 1 })).toBeUndefined();

  const heard: EventMessage[] = [];
  const lost: NightshiftError[] = [];
  const unsubscribe = await owner.subscribe(
    (message) => heard.push(message),
    (error) => lost.push(error),
  );
  const message: EventMessage = { event: 'cameras.changed', payload: { cameraId: 'c1' } };
  app.emit(message);
  await vi.waitUntil(() => heard.length === 1);
  expect(heard).toEqual([message]);
  unsubscribe();
  app.emit(message);
  expect(await owner.call('notices.dismiss', { id: 2 })).toBeUndefined();
  expect(heard).toHaveLength(1);
  expect(lost).toEqual([]);
});

it('says so when the owner goes away', async () => {
  const { gateway } = await startOwner();
  const owner = await connectOwner(dataDir);
  const lost: NightshiftError[] = [];
  await owner.subscribe(
    () => undefined,
    (error) => lost.push(error),
  );
  await gateway.close();
  await vi.waitUntil(() => lost.length === 1);
  expect(lost[0]).toMatchObject({ kind: 'owned-elsewhere', where: dataDir });
  await expect(owner.call('models.list', undefined)).rejects.toMatchObject({
    kind: 'owned-elsewhere',
    message: `Another Nightshift (process ${String(process.pid)}) owns this data folder and does not answer.`,
  });
  await expect(
    owner.subscribe(
      () => undefined,
      () => undefined,
    ),
  ).rejects.toMatchObject({ kind: 'owned-elsewhere' });
});

it('waits a little for an owner that has just started', async () => {
  const connecting = connectOwner(dataDir);
  await startOwner();
  expect((await connecting).pid).toBe(process.pid);
});

it('names an owner that is gone, dumb or not who the file says', async () => {
  await expect(connectOwner(dataDir, hurried)).rejects.toMatchObject({
    kind: 'owned-elsewhere',
    message: 'Another Nightshift owns this data folder and does not answer.',
  });

  const { gateway } = await startOwner();
  const named = { kind: 'owned-elsewhere', message: expect.stringContaining('process 4711') as string };
  await writeOwnerFile(dataDir, { pid: 4711, port: gateway.port, token: createToken() });
  await expect(connectOwner(dataDir, hurried)).rejects.toMatchObject(named);

  const dumb = createServer(() => undefined).listen(0, '127.0.0.1');
  undo.push(() => dumb.close());
  await vi.waitUntil(() => dumb.listening);
  await writeOwnerFile(dataDir, { pid: 4711, port: (dumb.address() as AddressInfo).port, token: createToken() });
  await expect(connectOwner(dataDir, hurried)).rejects.toMatchObject(named);
  expect(await readFile(path.join(dataDir, 'owner.json'), 'utf8')).toContain('4711');
});

it('names the owner of a folder that is locked', async () => {
  const locked = new NightshiftError({ kind: 'owned-elsewhere', message: 'Locked.', where: dataDir });
  expect(await nameOwner(locked, dataDir)).toBe(locked);
  await writeOwnerFile(dataDir, { pid: 4711, port: 5000, token: createToken() });
  expect(await nameOwner(locked, dataDir)).toMatchObject({
    kind: 'owned-elsewhere',
    message: 'Another Nightshift (process 4711) has this data folder open.',
    where: dataDir,
  });
  const other = new NightshiftError({ kind: 'storage', message: 'Disk.' });
  expect(await nameOwner(other, dataDir)).toBe(other);
});
