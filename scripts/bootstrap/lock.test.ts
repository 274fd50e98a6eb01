import { spawn } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';

// Two commands started at once must not install or build into each other, and a killed one must not block the next.

const root = join(import.meta.dirname, '..', '..');
const name = `test-${process.pid}`;
const lockFile = join(root, '.cache', `${name}.lock`);
const logFile = join(root, '.cache', `${name}.log`);
afterEach(async () => {
  await rm(lockFile, { force: true });
  await rm(logFile, { force: true });
});

/** A process that writes `in` and `out` to the log while it holds the lock. */
function holder(): Promise<number | null> {
  const script = `
    import { appendFileSync } from 'node:fs';
    import { setTimeout as delay } from 'node:timers/promises';
    import { withLock } from './scripts/bootstrap/lock.mjs';
    await withLock('${name}', async () => {
      appendFileSync('${logFile}', 'in ');
      await delay(100);
      appendFileSync('${logFile}', 'out ');
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: root, stdio: 'ignore' });
  return new Promise((resolve) => {
    child.on('close', resolve);
  });
}

it('lets one process in at a time', async () => {
  expect(await Promise.all([holder(), holder(), holder()])).toEqual([0, 0, 0]);
  expect(await readFile(logFile, 'utf8')).toBe('in out in out in out ');
});

it('takes the lock of a process that has died', async () => {
  await holder();
  const dead = spawn(process.execPath, ['-e', '']);
  await new Promise((resolve) => dead.on('close', resolve));
  await writeFile(lockFile, String(dead.pid));
  expect(await holder()).toBe(0);
  expect(await readFile(logFile, 'utf8')).toBe('in out in out ');
});
