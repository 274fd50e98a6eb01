import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import { NightshiftError } from '../../shared/errors.ts';
import { CsvReader } from '../files/parse-csv.ts';

/** One row of a list. `line`: of the file, from 1; of a JSON list, the place in it. */
export type ListRow = { readonly line: number } & (
  { readonly path: string; readonly id: string | null; readonly problem: null } | { readonly problem: string }
);

/** A JSON list is read whole; beyond this it has to be one value a line. */
const largestJson = 64 * 1024 * 1024;
const longestPath = 4_096;
const longestId = 200;
const longestLine = 100_000;

/** What a list row is called where something is said of it. */
export const rowName = (list: string, line: number): string => `${basename(list)}, line ${String(line)}`;

/**
 * The rows of a list of files, one after the other: CSV with a line of column names (`path`, and `id` if files have one),
 * a JSON list (paths, or objects with `path` and `id`), or such JSON values one a line (`.jsonl`). Paths are absolute or
 * from the list's folder on. A row that cannot be used says why; a list that cannot be read is an error.
 *
 * @throws NightshiftError
 */
export async function* readItemList(list: string): AsyncGenerator<ListRow> {
  const folder = dirname(list);
  try {
    for await (const { line, value } of valuesOf(list)) yield rowOf(line, value, folder);
  } catch (caught) {
    if (caught instanceof NightshiftError) throw named(list, caught);
    throw unreadableList(list, caught);
  }
}

interface ListValue {
  readonly line: number;
  readonly value: unknown;
}

function valuesOf(list: string): AsyncGenerator<ListValue> {
  switch (extname(list).toLowerCase()) {
    case '.json':
      return jsonValues(list);
    case '.jsonl':
    case '.ndjson':
      return jsonLines(list);
    default:
      return csvValues(list);
  }
}

async function* csvValues(list: string): AsyncGenerator<ListValue> {
  const reader = new CsvReader();
  let columns: { readonly path: number; readonly id: number } | null = null;
  const pieces = async function* (): AsyncGenerator<readonly [piece: string, isLast: boolean]> {
    for await (const piece of createReadStream(list, { encoding: 'utf8' })) yield [piece as string, false];
    yield ['', true];
  };
  for await (const [piece, isLast] of pieces()) {
    for (const { line, cells } of reader.read(piece, isLast)) {
      if (columns === null) columns = columnsOf(cells);
      else yield { line, value: { path: cells[columns.path], id: columns.id < 0 ? null : cells[columns.id] } };
    }
  }
}

function columnsOf(cells: readonly string[]): { readonly path: number; readonly id: number } {
  const names = cells.map((cell) => cell.trim().toLowerCase());
  const path = names.indexOf('path');
  if (path >= 0) return { path, id: names.indexOf('id') };
  throw new NightshiftError({
    kind: 'bad-input',
    message: 'Its first line names no column "path".',
    hint: 'Begin it with a line such as path,id.',
  });
}

async function* jsonValues(list: string): AsyncGenerator<ListValue> {
  if ((await stat(list)).size > largestJson) {
    throw new NightshiftError({
      kind: 'bad-input',
      message: 'This JSON list is larger than 64 MiB.',
      hint: 'Write it with one value a line and call it .jsonl, or as CSV.',
    });
  }
  const values: unknown = parseJson(await readFile(list, 'utf8'));
  if (!Array.isArray(values)) {
    throw new NightshiftError({
      kind: 'bad-input',
      message: 'It is no JSON list.',
      hint: 'It has to be like ["a.jpg", …] or [{"path": "a.jpg", "id": "17"}, …].',
    });
  }
  for (const [index, value] of (values as unknown[]).entries()) yield { line: index + 1, value };
}

async function* jsonLines(list: string): AsyncGenerator<ListValue> {
  let line = 0;
  let rest = '';
  const values = function* (texts: readonly string[]): Generator<ListValue> {
    for (const text of texts) {
      line += 1;
      if (text.trim() !== '') yield { line, value: parseJson(text) };
    }
  };
  for await (const piece of createReadStream(list, { encoding: 'utf8' })) {
    const texts = (rest + (piece as string)).split('\n');
    rest = texts.pop() ?? '';
    if (rest.length > longestLine) throw endlessLine(line + texts.length + 1);
    yield* values(texts);
  }
  yield* values([rest]);
}

const endlessLine = (line: number): NightshiftError =>
  new NightshiftError({
    kind: 'bad-input',
    message: `Line ${String(line)} has more than ${String(longestLine)} signs.`,
    hint: 'It has to be one value a line.',
  });

/** Undefined: it is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}

function rowOf(line: number, value: unknown, folder: string): ListRow {
  if (value === undefined) return { line, problem: 'it is no JSON' };
  const { path, id } = (typeof value === 'string' ? { path: value } : (value ?? {})) as {
    path?: unknown;
    id?: unknown;
  };
  if (typeof path !== 'string' || path.trim() === '') return { line, problem: 'it has no path' };
  if (path.includes('\0')) return { line, problem: 'its path holds a NUL' };
  if (path.length > longestPath) return { line, problem: `its path is longer than ${String(longestPath)} signs` };
  if (id != null && typeof id !== 'string' && typeof id !== 'number') {
    return { line, problem: 'its id is neither a text nor a number' };
  }
  const text = String(id ?? '').trim();
  if (text.length > longestId) return { line, problem: `its id is longer than ${String(longestId)} signs` };
  return { line, path: resolve(folder, path.trim()), id: text === '' ? null : text, problem: null };
}

const named = (list: string, { kind, message, hint }: NightshiftError): NightshiftError =>
  new NightshiftError({ kind, message, where: list, ...(hint === undefined ? {} : { hint }) });

function unreadableList(list: string, cause: unknown): NightshiftError {
  const { code = 'unknown reason' } = cause as NodeJS.ErrnoException;
  const isGone = code === 'ENOENT';
  return new NightshiftError(
    {
      kind: isGone ? 'not-found' : code === 'EACCES' || code === 'EPERM' ? 'no-permission' : 'unreachable',
      message: isGone ? 'There is no such list.' : `This list cannot be read (${code}).`,
      where: list,
      hint: 'Check the spelling and its permissions, and that the drive or share is mounted.',
    },
    { cause },
  );
}
