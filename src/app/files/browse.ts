import { opendir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { BrowseEntry } from '../../shared/contract/calls.ts';
import { NightshiftError } from '../../shared/errors.ts';
import { mediaKind } from '../jobs/media-kinds.ts';

/** A folder with more entries is shown up to here; the operator can type the path. */
const MAX_ENTRIES = 5_000;

/** Folders first, then files, by name; hidden ones left out. `not-found` and `no-permission` name the folder. */
export async function browse(
  path: string,
): Promise<{ path: string; parent: string | null; entries: readonly BrowseEntry[] }> {
  const folder = resolve(path);
  const entries: BrowseEntry[] = [];
  try {
    for await (const entry of await opendir(folder)) {
      if (entry.name.startsWith('.') || entries.length >= MAX_ENTRIES) continue;
      const full = join(folder, entry.name);
      if (entry.isDirectory()) entries.push({ name: entry.name, path: full, kind: 'folder', size: 0 });
      else if (entry.isFile()) {
        const size = (await stat(full).catch(() => null))?.size ?? 0;
        entries.push({ name: entry.name, path: full, kind: mediaKind(entry.name) ?? 'other', size });
      }
    }
  } catch (cause) {
    const denied = (cause as NodeJS.ErrnoException).code === 'EACCES';
    throw new NightshiftError(
      {
        kind: denied ? 'no-permission' : 'not-found',
        message: denied ? 'This folder may not be read.' : 'There is no folder at this path.',
        where: folder,
      },
      { cause },
    );
  }
  const rank = (entry: BrowseEntry): number => (entry.kind === 'folder' ? 0 : 1);
  entries.sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
  const parent = dirname(folder);
  return { path: folder, parent: parent === folder ? null : parent, entries };
}
