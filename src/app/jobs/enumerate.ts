import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { everyFile, type PathFilter } from '../../core/jobs/path-patterns.ts';
import type { NightshiftError } from '../../shared/errors.ts';
import type { FoundItem } from '../../store/operations.ts';
import { mediaKind } from './media-kinds.ts';
import { scannedRoot, unreadable } from './scanned-root.ts';

/** What is found is told in pages of so many. */
export const PAGE_ITEMS = 500;
/** Of a folder with more names, so many are read, sorted and walked at a time: a million of them fit in no small memory. */
const NAMES_AT_ONCE = 10_000;
/** Files that are asked for their size at once: a share answers each after a while, and many in the same while. */
export const STATS_AT_ONCE = 32;

export interface Enumeration {
  readonly paths: readonly string[];
  readonly recursive: boolean;
  /** Made for each path: a path with a pattern in it has its own beside those of the scan. Left out: every file. */
  readonly filterFor?: (within: string | null) => PathFilter;
  /** Asked at every name: an archive may have a million of them without one picture. */
  readonly signal: Pick<AbortSignal, 'throwIfAborted'>;
  /** A folder or file below a root that cannot be read (`lost+found`, say): left out, and told. */
  readonly unreadable: (path: string, error: NightshiftError) => void;
  readonly namesAtOnce?: number;
}

interface Walk {
  readonly recursive: boolean;
  readonly filter: PathFilter;
  readonly signal: Enumeration['signal'];
  readonly unreadable: Enumeration['unreadable'];
  readonly namesAtOnce: number;
}

/** A folder on the way, by its path and by its names from the root on (none: it is the root). */
interface Place {
  readonly path: string;
  readonly inside: readonly string[];
}

/**
 * Walks the paths and yields pages of found pictures and videos, folder by folder, names in the order of their code units
 * (in a folder of more than 10,000 names: of each 10,000 that the system gives at a time). What it holds does not grow
 * with what there is. A file named outright is an item whatever it is called; inside folders only known extensions are,
 * hidden ones left out (what file managers and macOS put beside pictures is none).
 *
 * Symbolic links below a root are not followed: what they lead to inside it is found by its own path, and a circle of
 * them has no end. A root that is not there or cannot be read is an error, never "0 files".
 */
export async function* enumerateItems(enumeration: Enumeration): AsyncGenerator<FoundItem[]> {
  const { paths, recursive, signal, filterFor, namesAtOnce = NAMES_AT_ONCE } = enumeration;
  const page: FoundItem[] = [];
  for (const named of paths) {
    const { path, found, pattern } = await scannedRoot(named);
    const filter = filterFor?.(pattern) ?? everyFile;
    const walking = {
      recursive: recursive || pattern !== null,
      filter,
      signal,
      unreadable: enumeration.unreadable,
      namesAtOnce,
    };
    const items = found.isDirectory() ? walk({ path, inside: [] }, walking) : theFile(path);
    for await (const some of items) {
      page.push(...some);
      while (page.length >= PAGE_ITEMS) yield page.splice(0, PAGE_ITEMS);
    }
  }
  if (page.length > 0) yield page;
}

async function* theFile(path: string): AsyncGenerator<FoundItem[]> {
  const { size, mtimeMs } = await stat(path);
  yield [{ path, kind: mediaKind(path) ?? 'video', size, mtimeMs: Math.round(mtimeMs) }];
}

async function* walk(place: Place, walking: Walk): AsyncGenerator<FoundItem[]> {
  const { signal } = walking;
  const blocks = namesIn(place, walking);
  try {
    for (;;) {
      const block = await blocks.next().catch((cause: unknown) => {
        signal.throwIfAborted();
        const error = unreadable('folder', place.path, cause);
        if (place.inside.length === 0) throw error;
        walking.unreadable(place.path, error);
        return null;
      });
      if (block === null || block.done === true) return;
      const { files, folders } = block.value;
      yield* lookAt(place.path, files, walking);
      for (const name of folders) {
        yield* walk({ path: join(place.path, name), inside: [...place.inside, name] }, walking);
      }
    }
  } finally {
    await blocks.return(undefined);
  }
}

interface Names {
  readonly files: string[];
  readonly folders: string[];
}

/** What is wanted of a folder, in sorted blocks. */
async function* namesIn({ path, inside }: Place, walking: Walk): AsyncGenerator<Names, undefined> {
  const { recursive, filter, signal, namesAtOnce } = walking;
  signal.throwIfAborted();
  let names: Names = { files: [], folders: [] };
  for await (const entry of await opendir(path)) {
    signal.throwIfAborted();
    const { name } = entry;
    if (name.startsWith('.')) continue;
    if (entry.isFile()) {
      if (mediaKind(name) !== null && filter.takesFile([...inside, name])) names.files.push(name);
    } else if (entry.isDirectory() && recursive && filter.entersFolder([...inside, name])) names.folders.push(name);
    if (names.files.length + names.folders.length < namesAtOnce) continue;
    yield sorted(names);
    names = { files: [], folders: [] };
  }
  yield sorted(names);
  return undefined;
}

const sorted = ({ files, folders }: Names): Names => ({ files: files.sort(), folders: folders.sort() });

async function* lookAt(folder: string, names: readonly string[], walking: Walk): AsyncGenerator<FoundItem[]> {
  for (let at = 0; at < names.length; at += STATS_AT_ONCE) {
    walking.signal.throwIfAborted();
    const some = names.slice(at, at + STATS_AT_ONCE);
    const found = await Promise.all(some.map((name) => itemAt(join(folder, name), walking)));
    yield found.filter((item) => item !== null);
  }
}

/** Null: gone between listing and looking, so that it was never there; or told as unreadable. */
async function itemAt(path: string, walking: Walk): Promise<FoundItem | null> {
  const kind = mediaKind(path);
  try {
    const { size, mtimeMs } = await stat(path);
    return kind === null ? null : { path, kind, size, mtimeMs: Math.round(mtimeMs) };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') walking.unreadable(path, unreadable('file', path, cause));
    return null;
  }
}
