import { spawn } from 'node:child_process';

/** Scripts that are under way: whoever ends the benchmark early ends them too. */
const running = new Set<() => void>();

/** Runs a script on this Node and parses the last line that it prints. Rejects where it fails. */
export function runNode(file: string, args: readonly string[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    const end = (): void => void child.kill('SIGKILL');
    running.add(end);
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      running.delete(end);
      const lastLine = printed.trimEnd().split('\n').at(-1) ?? '';
      if (code === 0) resolve(JSON.parse(lastLine));
      else reject(new Error(`${file} ended with ${signal ?? `code ${String(code)}`}`));
    });
  });
}

export function endScripts(): void {
  for (const end of running) end();
}
