import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface VirtualDisplay {
  /** For the children that open windows on it; empty where they need no other than they have. */
  readonly env: Readonly<Record<string, string>>;
  close(): void;
}

const none: VirtualDisplay = { env: {}, close: () => undefined };

/**
 * Where Linux has no display: one in memory, large enough for every screen that is tested. Where it has one, or nothing
 * to make one with, none.
 */
export async function openVirtualDisplay(): Promise<VirtualDisplay> {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const installed = folders.some((folder) => existsSync(join(folder, 'Xvfb')));
  if (process.platform !== 'linux' || process.env.DISPLAY || !installed) return none;

  // The server chooses a free number and tells it on the descriptor 3 once it accepts windows.
  const args = ['-displayfd', '3', '-screen', '0', '2560x1440x24', '-nolisten', 'tcp'];
  const server = spawn('Xvfb', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const close = (): void => {
    server.kill();
  };
  process.once('exit', close);
  const number = await new Promise<string>((resolve, reject) => {
    server.stdio[3]?.on('data', (chunk: Buffer) => {
      resolve(chunk.toString().trim());
    });
    server.once('error', reject);
    server.once('exit', (code) => {
      reject(new Error(`Xvfb ended with ${code ?? 'a signal'} instead of opening a display`));
    });
  });
  return { env: { DISPLAY: `:${number}` }, close };
}
