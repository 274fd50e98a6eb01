import { stat } from 'node:fs/promises';
import { dirname, sep } from 'node:path';
import type { JobSpec } from '../../shared/domain/job.ts';
import type { FoundItem } from '../../store/operations.ts';
import { enumerateItems, PAGE_ITEMS, STATS_AT_ONCE } from './enumerate.ts';
import { readItemList, rowName, type ListRow } from './item-list.ts';
import { mediaKind } from './media-kinds.ts';
import { scanFilter } from './scan-filter.ts';

export interface FoundPage {
  readonly items: readonly FoundItem[];
  /** Where the nth of them stands in a list; null: it was found in a folder, or named outright. */
  readonly rowOf: (index: number) => string | null;
}

export interface FindingPages {
  readonly signal: Pick<AbortSignal, 'throwIfAborted'>;
  /** Something that is not looked at, in words. */
  readonly leftOut: (sentence: string) => void;
  /** The folder that all files of the lists lie in or below. */
  readonly listed?: (folder: string) => void;
}

/** Everything that a scan is about, page by page: what its paths stand for, then the rows of its lists. */
export async function* foundPages(spec: JobSpec, finding: FindingPages): AsyncGenerator<FoundPage> {
  const { paths, lists, recursive } = spec;
  const { signal, leftOut } = finding;
  const unreadable = (path: string): void => {
    leftOut(`${path} could not be read`);
  };
  const found = enumerateItems({ paths, recursive, filterFor: scanFilter(spec), signal, unreadable });
  for await (const items of found) yield { items, rowOf: () => null };
  let folder: string | null = null;
  for (const list of lists) {
    for await (const page of listPages(list, finding)) {
      for (const { path } of page.items) folder = commonFolder(folder, dirname(path));
      yield page;
    }
  }
  if (folder !== null) finding.listed?.(folder);
}

type GoodRow = Extract<ListRow, { readonly problem: null }>;

async function* listPages(list: string, { signal, leftOut }: FindingPages): AsyncGenerator<FoundPage> {
  let rows: GoodRow[] = [];
  const page = async (): Promise<FoundPage> => {
    const items: FoundItem[] = [];
    const lines: number[] = [];
    for (let at = 0; at < rows.length; at += STATS_AT_ONCE) {
      signal.throwIfAborted();
      const some = rows.slice(at, at + STATS_AT_ONCE);
      for (const [index, item] of (await Promise.all(some.map(itemOf))).entries()) {
        const { line } = some[index] as GoodRow;
        if (item === null) leftOut(`${rowName(list, line)}: it is a folder`);
        else {
          items.push(item);
          lines.push(line);
        }
      }
    }
    rows = [];
    return { items, rowOf: (index) => rowName(list, lines[index] ?? 0) };
  };
  for await (const row of readItemList(list)) {
    signal.throwIfAborted();
    if (row.problem === null) rows.push(row);
    else leftOut(`${rowName(list, row.line)}: ${row.problem}`);
    if (rows.length >= PAGE_ITEMS) yield await page();
  }
  if (rows.length > 0) yield await page();
}

/** Null: a folder. What is not there is an item all the same, which will be missing, under the id that the list gives it. */
async function itemOf({ path, id: listId }: GoodRow): Promise<FoundItem | null> {
  const kind = mediaKind(path) ?? 'video';
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory() === true) return null;
  return { path, kind, size: found?.size ?? 0, mtimeMs: Math.round(found?.mtimeMs ?? 0), listId };
}

function commonFolder(one: string | null, other: string): string {
  let folder = one ?? other;
  while (folder !== other && !other.startsWith(folder.endsWith(sep) ? folder : folder + sep)) folder = dirname(folder);
  return folder;
}
