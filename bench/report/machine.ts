import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import { promisify } from 'node:util';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  /** Null where the system does not tell. */
  readonly governor: string | null;
}

export async function machine(): Promise<Machine> {
  const governor = await readFile('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor', 'utf8').catch(() => null);
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
    governor: governor?.trim() ?? null,
  };
}

/** `a1b2c3d`, with a + where the working tree differs from it; null outside a repository. */
export async function commit(folder: string): Promise<string | null> {
  const git = async (...words: string[]): Promise<string> =>
    (await promisify(execFile)('git', ['-C', folder, ...words])).stdout.trim();
  try {
    const [hash, changes] = [await git('rev-parse', '--short=10', 'HEAD'), await git('status', '--porcelain', '-uno')];
    return changes === '' ? hash : `${hash}+`;
  } catch {
    return null;
  }
}
