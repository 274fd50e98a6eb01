import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { NightshiftError } from '../../shared/errors.ts';

/** The pictures of reviews that have no last word yet, as they were sent, in a folder of their own. */
export class ReviewPictures {
  readonly #folder: string;

  constructor(dataDir: string) {
    this.#folder = join(dataDir, 'reviews');
  }

  /** On the disk when it resolves. Throws `no-space` or `storage`; nothing is left behind then. */
  async keep(file: string, bytes: Uint8Array): Promise<void> {
    const path = join(this.#folder, file);
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      const handle = await open(path, 'wx', 0o600);
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
    } catch (cause) {
      await this.drop(file);
      const isFull = ['ENOSPC', 'EDQUOT'].includes((cause as NodeJS.ErrnoException).code ?? '');
      throw new NightshiftError(
        {
          kind: isFull ? 'no-space' : 'storage',
          message: isFull ? 'The disk is full: the picture could not be kept.' : 'The picture could not be kept.',
          where: this.#folder,
        },
        { cause },
      );
    }
  }

  read(file: string): Promise<Uint8Array> {
    return readFile(join(this.#folder, file));
  }

  drop(file: string): Promise<void> {
    return rm(join(this.#folder, file), { force: true });
  }

  /** Drops what a crash left behind between the picture and its row, or between the last word and the picture's end. */
  async dropAllBut(files: ReadonlySet<string>): Promise<void> {
    const kept = await readdir(this.#folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    for (const file of kept) if (!files.has(file)) await this.drop(file);
  }
}
