import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { join, sep } from 'node:path';

const name = 'pipe-before-the-disk';

/** The pipe of the folder that a file of footage lies in. */
export function pipeOf(path: string): string {
  const [root = ''] = path.split(`${sep}footage${sep}`);
  return join(root, name);
}

/** A disk that takes nothing any more until it is let go: `blocked-disk-worker.ts` writes through its pipe. */
export class BlockedDisk {
  /** Where the recorder writes. */
  readonly folder: string;
  readonly #pipe: number;
  #reading: NodeJS.Timeout | null = null;

  constructor(root: string) {
    this.folder = join(root, 'footage');
    const path = join(root, name);
    if (spawnSync('mkfifo', [path]).status !== 0) throw new Error(`no pipe could be made at ${path}`);
    // Both ends, so that whoever opens it to write does not wait for a reader.
    this.#pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  }

  /** It takes whatever comes from now on. */
  letGo(): void {
    const bytes = Buffer.alloc(65_536);
    this.#reading ??= setInterval(() => {
      try {
        while (readSync(this.#pipe, bytes) > 0);
      } catch (caught) {
        if ((caught as NodeJS.ErrnoException).code !== 'EAGAIN') throw caught;
      }
    }, 5);
  }

  block(): void {
    if (this.#reading !== null) clearInterval(this.#reading);
    this.#reading = null;
  }

  close(): void {
    this.block();
    closeSync(this.#pipe);
  }
}
