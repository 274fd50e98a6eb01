import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { forkEngine } from './forked-channel.ts';
import { probeProviders } from './probe-providers.ts';

const engineFile = fileURLToPath(new URL('../../engine/index.ts', import.meta.url));

it('asks a real engine, and ends it', async () => {
  let pid = 0;
  const providers = await probeProviders(async () => {
    const channel = await forkEngine({ file: engineFile, execPath: process.execPath });
    pid = channel.pid;
    return channel;
  });
  expect(providers).toContainEqual({ provider: 'cpu', available: true, why: 'opens a session' });
  await expect.poll(() => isAlive(pid)).toBe(false);
});

it('says so where trying a provider ends the engine', async () => {
  const spawn = () => forkEngine({ file: '/no/such/engine.ts', execPath: process.execPath });
  await expect(probeProviders(spawn)).rejects.toMatchObject({ kind: 'engine-lost' });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
