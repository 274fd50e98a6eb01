import { spawn } from 'node:child_process';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..', '..');

/** Downloads and builds of the end-to-end tests; ignored by git. */
export const cacheDir = join(root, '.cache');

/** Runs a program to its end; a failure carries the end of what it printed. */
export async function runToEnd(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) {
    const tail = Buffer.concat(output).toString().slice(-4_000);
    throw new Error(`${command} ${args.join(' ')} failed (exit ${code ?? 'by signal'}) in ${cwd}:\n${tail}`);
  }
}
