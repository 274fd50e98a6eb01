import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';
import { modelManifestSchema } from '../../shared/domain/model.ts';
import type { EngineExit } from '../ports.ts';
import { forkEngine } from './forked-channel.ts';
import { tryProvider, type TrialRequest } from './try-provider.ts';

const engineFile = fileURLToPath(new URL('../../engine/index.ts', import.meta.url));
const folder = new URL('../../../models/tiny-colour/', import.meta.url);
const manifest = modelManifestSchema.parse(JSON.parse(readFileSync(new URL('manifest.json', folder), 'utf8')));
const request: TrialRequest = {
  type: 'measure-provider',
  file: fileURLToPath(new URL(manifest.file, folder)),
  manifest,
  provider: 'cpu',
  input: { width: 160, height: 160 },
  batches: [1, 2],
};

it('measures in a real engine, and ends it', async () => {
  let pid = 0;
  const spawn = async () => {
    const channel = await forkEngine({ file: engineFile, execPath: process.execPath });
    pid = channel.pid;
    return channel;
  };
  expect(await tryProvider(spawn, request, 1)).toMatchObject({ works: true, runs: [{ batch: 1 }, { batch: 2 }] });
  await expect.poll(() => isAlive(pid)).toBe(false);
});

it('an engine that ends, hangs or does not start is an answer like another', async () => {
  let exit: (exit: EngineExit) => void = () => undefined;
  const kill = vi.fn();
  const channel = {
    pid: 1,
    send: () => undefined,
    onMessage: () => undefined,
    onExit: (listener: typeof exit) => (exit = listener),
    kill,
    residentBytes: () => Promise.resolve(null),
    processorMs: () => Promise.resolve(null),
  };
  const crashed = tryProvider(() => Promise.resolve(channel), request, 1);
  await Promise.resolve();
  exit({ code: null, signal: 'SIGSEGV' });
  expect(await crashed).toEqual({ works: false, why: expect.stringContaining('SIGSEGV') as string });
  expect(await tryProvider(() => Promise.resolve(channel), request, 1, 1)).toMatchObject({ works: false });
  expect(kill).toHaveBeenCalledTimes(2);
  const none = () => Promise.reject(new Error('no such file'));
  expect(await tryProvider(none, request, 1)).toEqual({
    works: false,
    why: expect.stringContaining('no such') as string,
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
