import { readFile } from 'node:fs/promises';

/** Of Linux's process statistics; the same on every machine that Node runs on. */
const ticksPerSecond = 100;

/**
 * Processor time that a process with all its threads has used since its start, in core-ms, read from outside it; null
 * where the system does not tell without a program of its own (or the process has ended).
 */
export async function processorMsOf(pid: number, platform: string = process.platform): Promise<number | null> {
  if (platform !== 'linux') return null;
  try {
    return processorMsIn(await readFile(`/proc/${String(pid)}/stat`, 'utf8'));
  } catch {
    return null;
  }
}

/** The text of `/proc/PID/stat`: the name may hold anything, so fields are counted from its closing bracket. */
export function processorMsIn(stat: string): number | null {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  return Number.isFinite(user) && Number.isFinite(system) ? ((user + system) * 1_000) / ticksPerSecond : null;
}
