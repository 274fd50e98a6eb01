import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { NightshiftError } from '../../shared/errors.ts';

/** What is at a path that somebody named. Rejects with `not-found` in words. */
export function existingPath(path: string): Promise<Stats> {
  return stat(path).catch((cause: unknown) => {
    throw new NightshiftError(
      {
        kind: 'not-found',
        message: 'There is nothing at this path.',
        where: path,
        hint: 'Check the spelling, and that the drive or share is mounted.',
      },
      { cause },
    );
  });
}
