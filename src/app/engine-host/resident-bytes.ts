import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** A system under memory pressure answers late, and then the next look comes anyway. */
const timeoutMs = 2000;

/** Resident memory of a process, read from outside it; null where the system does not tell (or it has ended). */
export async function residentBytesOf(pid: number, platform: string = process.platform): Promise<number | null> {
  try {
    if (platform === 'linux')
      return kilobytes(await readFile(`/proc/${String(pid)}/status`, 'utf8'), /^VmRSS:\s*(\d+)/m);
    if (platform === 'win32') {
      const args = ['/FI', `PID eq ${String(pid)}`, '/FO', 'CSV', '/NH'];
      const { stdout } = await run('tasklist', args, { timeout: timeoutMs, windowsHide: true });
      // The last field, with the separators of the user's language: "123.456 K".
      return kilobytes(stdout.replaceAll(/[.,\u00a0\u202f](?=\d{3})/g, ''), /"(\d+) [^"]*"\s*$/);
    }
    const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)], { timeout: timeoutMs });
    return kilobytes(stdout, /^\s*(\d+)\s*$/);
  } catch {
    return null;
  }
}

function kilobytes(text: string, pattern: RegExp): number | null {
  const found = pattern.exec(text)?.[1];
  return found === undefined ? null : Number(found) * 1024;
}
