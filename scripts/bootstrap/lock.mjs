import { mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cacheDir } from './paths.mjs';
import { say } from './say.mjs';

const pollMs = 200;
/** A lock file without a readable owner this old was left between its creation and its first write. */
const ownerlessMs = 5_000;

/**
 * Runs `work` while no other process on this machine holds the lock `name`. A lock whose owner has died is taken over.
 * `work` must look again whether there is still something to do: the owner before may have done it.
 */
export async function withLock(name, work) {
  mkdirSync(cacheDir, { recursive: true });
  const file = join(cacheDir, `${name}.lock`);
  let told = false;
  while (!tryCreate(file)) {
    const owner = ownerOf(file);
    if (owner === null) {
      rmSync(file, { force: true });
      continue;
    }
    if (!told) say(`waiting for another process (${owner}) to finish the ${name}`);
    told = true;
    await delay(pollMs);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function tryCreate(file) {
  try {
    const handle = openSync(file, 'wx');
    writeSync(handle, String(process.pid));
    closeSync(handle);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** What to call the owner in a message; null: there is none any more. */
function ownerOf(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    if (Number.isInteger(pid) && pid > 0) return isAlive(pid) ? `process ${pid}` : null;
    return Date.now() - statSync(file).mtimeMs > ownerlessMs ? null : 'just started';
  } catch (error) {
    if (error.code === 'ENOENT') return 'just ended';
    throw error;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
