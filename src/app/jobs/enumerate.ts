import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { NightshiftError } from '../../shared/errors.ts';
import type { FoundItem } from '../../store/operations.ts';
import { existingPath } from './existing-path.ts';
import { mediaKind } from './media-kinds.ts';

const PAGE_ITEMS = 500;

export interface Enumeration {
  readonly paths: readonly string[];
  readonly recursive: boolean;
  /** Asked at every name: an archive may have a million of them without one picture. */
  readonly signal: Pick<AbortSignal, 'throwIfAborted'>;
  /** A folder below a root that cannot be read (`lost+found`, say): left out, and told. */
  readonly unreadable: (folder: string, error: NightshiftError) => void;
}

/**
 * Walks the paths and yields pages of found pictures and videos in a stable order (names by code unit, folder by
 * folder), holding one folder's names at a time. A file named outright is an item whatever it is called; inside folders
 * only known extensions are, hidden ones left out (what file managers and macOS put beside pictures is none). Symbolic
 * links are not followed. A root that is not there or cannot be read is an error, never "0 files".
 */
export async function* enumerateItems({ paths, ...walking }: Enumeration): AsyncGenerator<FoundItem[]> {
  let page: FoundItem[] = [];
  for (const root of paths) {
    const found = await existingPath(root);
    const items = found.isDirectory() ? walk(root, walking, true) : named(root);
    for await (const item of items) {
      page.push(item);
      if (page.length >= PAGE_ITEMS) {
        yield page;
        page = [];
      }
    }
  }
  if (page.length > 0) yield page;
}

async function* named(path: string): AsyncGenerator<FoundItem> {
  const { size, mtimeMs } = await stat(path);
  yield { path, kind: mediaKind(path) ?? 'video', size, mtimeMs: Math.round(mtimeMs) };
}

async function* walk(folder: string, walking: Omit<Enumeration, 'paths'>, isRoot: boolean): AsyncGenerator<FoundItem> {
  const { recursive, signal } = walking;
  signal.throwIfAborted();
  const files: string[] = [];
  const folders: string[] = [];
  try {
    for await (const entry of await opendir(folder)) {
      signal.throwIfAborted();
      if (entry.name.startsWith('.')) continue;
      if (entry.isFile() && mediaKind(entry.name) !== null) files.push(entry.name);
      else if (entry.isDirectory() && recursive) folders.push(entry.name);
    }
  } catch (cause) {
    signal.throwIfAborted();
    const error = unreadable(folder, cause);
    if (isRoot) throw error;
    walking.unreadable(folder, error);
    return;
  }
  for (const name of files.sort()) {
    signal.throwIfAborted();
    const path = join(folder, name);
    const found = await stat(path).catch(() => null); // gone between listing and looking: it was never there
    const kind = mediaKind(name);
    if (found !== null && kind !== null) yield { path, kind, size: found.size, mtimeMs: Math.round(found.mtimeMs) };
  }
  for (const name of folders.sort()) yield* walk(join(folder, name), walking, false);
}

function unreadable(folder: string, cause: unknown): NightshiftError {
  const { code = 'unknown reason' } = cause as NodeJS.ErrnoException;
  const isDenied = code === 'EACCES' || code === 'EPERM';
  return new NightshiftError(
    {
      kind: isDenied ? 'no-permission' : 'unreachable',
      message: `This folder cannot be read (${code}).`,
      where: folder,
      hint: isDenied
        ? 'Check its permissions, or scan a folder above or below it.'
        : 'Check that the drive or share is still there, then run the scan again.',
    },
    { cause },
  );
}
