import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it, vi } from 'vitest';
import type { FromEngine } from '../../shared/engine/protocol.ts';
import type { EngineChannel, EngineExit } from '../ports.ts';
import { engineEnvironment, forkEngine } from './forked-channel.ts';
import { residentBytesOf } from './resident-bytes.ts';

const childFile = fileURLToPath(new URL('./testing/answering-engine.ts', import.meta.url));
const parentFile = fileURLToPath(new URL('./testing/doomed-host.ts', import.meta.url));
const execPath = process.execPath;

const open: EngineChannel[] = [];
afterEach(() => {
  for (const channel of open.splice(0)) channel.kill();
});

async function start() {
  const channel = await forkEngine({ file: childFile, execPath });
  open.push(channel);
  const messages: FromEngine[] = [];
  const exits: EngineExit[] = [];
  channel.onMessage((message) => messages.push(message));
  channel.onExit((exit) => exits.push(exit));
  await vi.waitUntil(() => messages.length === 1, { timeout: 10_000 });
  return { channel, messages, exits };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

it('carries messages both ways, bytes included, to a child with a wide thread pool', async () => {
  const { channel, messages } = await start();
  expect(messages[0]).toMatchObject({ type: 'ready', pid: channel.pid, versions: { pool: '128' } });
  channel.send({ type: 'request', requestId: 3, request: { type: 'inspect', path: '/x' } });
  await vi.waitUntil(() => messages.length === 2);
  expect(messages[1]).toEqual({ type: 'reply', requestId: 3, value: { jpeg: new Uint8Array([1, 2, 255]) } });
});

it('reports an exit once, and takes messages for the dead in silence', async () => {
  const { channel, exits } = await start();
  channel.send({ type: 'stop' });
  await vi.waitUntil(() => exits.length > 0);
  expect(exits).toEqual([{ code: 7, signal: null }]);
  channel.send({ type: 'stop' });
  channel.kill();
  expect(await channel.residentBytes()).toBeNull();
  expect(exits).toHaveLength(1);
});

it('delivers what was said before the end, before the end', async () => {
  const { channel, messages, exits } = await start();
  let heardAtExit = 0;
  channel.onExit(() => {
    heardAtExit = messages.length;
  });
  channel.send({ type: 'close-camera', cameraId: 'c1' });
  await vi.waitUntil(() => exits.length > 0, { timeout: 10_000 });
  expect(heardAtExit).toBe(messages.length);
  expect(messages.at(-1)).toMatchObject({ type: 'tickets' });
});

it('kills, and says by which signal', async () => {
  const { channel, exits } = await start();
  channel.kill();
  await vi.waitUntil(() => exits.length > 0);
  expect(exits).toEqual([{ code: null, signal: 'SIGKILL' }]);
  expect(isAlive(channel.pid)).toBe(false);
});

it('reads resident memory from outside', async () => {
  const { channel } = await start();
  const bytes = await channel.residentBytes();
  expect(bytes).toBeGreaterThan(10 * 2 ** 20);
  expect(bytes).toBeLessThan(2 ** 30);
  expect(await residentBytesOf(2 ** 22 + 1)).toBeNull();
});

it('rejects where there is no such Node', async () => {
  await expect(forkEngine({ file: childFile, execPath: '/no/such/node' })).rejects.toMatchObject({
    kind: 'engine-lost',
    where: '/no/such/node',
  });
});

it('ends with a parent that was killed', async () => {
  const parent = spawn(execPath, [parentFile, childFile], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  expect(isAlive(pid)).toBe(true);
  parent.kill('SIGKILL');
  await once(parent, 'exit');
  await vi.waitUntil(() => !isAlive(pid), { timeout: 5000 });
});

it('hears an environment that asks for a wider pool or another threshold', () => {
  expect(engineEnvironment({ UV_THREADPOOL_SIZE: '200', HOME: '/h', GONE: undefined })).toEqual({
    UV_THREADPOOL_SIZE: '200',
    MALLOC_MMAP_THRESHOLD_: '131072',
    HOME: '/h',
  });
  expect(engineEnvironment({ MALLOC_MMAP_THRESHOLD_: '65536' })['MALLOC_MMAP_THRESHOLD_']).toBe('65536');
  for (const asked of ['4', 'many', undefined]) {
    expect(engineEnvironment({ UV_THREADPOOL_SIZE: asked })['UV_THREADPOOL_SIZE']).toBe('128');
  }
});
