import type { Stats } from 'node:fs';
import { opendir, stat } from 'node:fs/promises';
import { dirname, join, parse } from 'node:path';
import { isPattern } from '../../core/jobs/path-patterns.ts';
import { NightshiftError } from '../../shared/errors.ts';
import { existingPath } from './existing-path.ts';
import { SourceAway } from './source-away.ts';

/** What a path of a scan stands for. */
export interface ScannedRoot {
  readonly path: string;
  readonly found: Stats;
  /** Of the path below, of the files that are meant; null: all in a folder, or the file itself. */
  readonly pattern: string | null;
}

/**
 * A path stands for what has that very name; where there is nothing and it has `*`, `?`, `[` or `{` in it, for the files
 * that fit it, below the folder before the first of these. Rejects with `not-found` in words.
 */
export async function scannedRoot(path: string): Promise<ScannedRoot> {
  const named = isPattern(path) ? await stat(path).catch(() => null) : await existingPath(path);
  if (named !== null) return { path, found: named, pattern: null };
  const { root } = parse(path);
  const names = path.slice(root.length).split(/[\\/]/);
  const first = names.findIndex(isPattern);
  const folder = join(root, ...names.slice(0, first));
  return { path: folder, found: await existingPath(folder), pattern: names.slice(first).join('/') };
}

/** Where the files of a root lie. */
export const folderOf = ({ path, found }: ScannedRoot): string => (found.isDirectory() ? path : dirname(path));

/**
 * Rejects with `SourceAway` where a folder is gone as a whole, as when a drive was pulled out or a share went away: it is
 * not there, cannot be read, or has nothing at all in it, which is how the place looks where something is usually mounted.
 */
export async function folderIsThere(folder: string): Promise<void> {
  try {
    const names = await opendir(folder);
    try {
      if ((await names.read()) !== null) return;
    } finally {
      await names.close();
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw notMounted('gone', folder);
    // It is there, and what is named in it may be read all the same.
    if (code === 'EACCES' || code === 'EPERM') return;
    throw asAway(unreadable('folder', folder, cause));
  }
  throw notMounted('empty', folder);
}

const notMounted = (how: 'gone' | 'empty', folder: string): SourceAway =>
  new SourceAway({
    kind: 'unreachable',
    message: `This folder is ${how}: the drive or share it is on is probably not mounted.`,
    where: folder,
    hint: 'Mount it, then resume the scan. No file was counted as missing.',
  });

/** Something that is there, as far as the system says, and cannot be looked at. */
export function unreadable(what: 'folder' | 'file', path: string, cause: unknown): NightshiftError {
  const { code = 'unknown reason' } = cause as NodeJS.ErrnoException;
  const isDenied = code === 'EACCES' || code === 'EPERM';
  return new NightshiftError(
    {
      kind: isDenied ? 'no-permission' : 'unreachable',
      message: `This ${what} cannot be read (${code}).`,
      where: path,
      hint: isDenied
        ? 'Check its permissions, or scan a folder above or below it.'
        : 'Check that the drive or share is still there, then run the scan again.',
    },
    { cause },
  );
}

/** What says that a place is gone is no failure of the scan: it can go on once the place is back. */
export function asAway(caught: unknown): Error {
  if (!(caught instanceof NightshiftError)) return caught instanceof Error ? caught : new Error(String(caught));
  return caught.kind === 'not-found' || caught.kind === 'unreachable'
    ? new SourceAway(caught, { cause: caught })
    : caught;
}
