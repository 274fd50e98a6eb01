import { NightshiftError, type ErrorValue } from '../shared/errors.ts';

/** By the first part of SQLite's result code: what it means for an operator, and what to try. */
const meanings: readonly (readonly [prefix: string, kind: ErrorValue['kind'], message: string, hint: string])[] = [
  ['SQLITE_FULL', 'no-space', 'The disk of the data folder is full.', 'Free some space; the work goes on from there.'],
  ['ENOSPC', 'no-space', 'The disk of the data folder is full.', 'Free some space; the work goes on from there.'],
  [
    'SQLITE_READONLY',
    'storage',
    'The database cannot be written.',
    'Check that the data folder and its files belong to you and are not write-protected.',
  ],
  [
    'SQLITE_CANTOPEN',
    'storage',
    'The database cannot be opened.',
    'Check that the data folder exists and that you may read and write it.',
  ],
  ['EACCES', 'storage', 'The data folder cannot be written.', 'Check its permissions, or choose another data folder.'],
  ['EPERM', 'storage', 'The data folder cannot be written.', 'Check its permissions, or choose another data folder.'],
  ['EROFS', 'storage', 'The data folder cannot be written.', 'It is on a read-only disk: choose another data folder.'],
  ['EISDIR', 'storage', 'A folder lies where the database should be.', 'Move it away, or choose another data folder.'],
  ['ENOTDIR', 'storage', 'The data folder is a file.', 'Choose another data folder.'],
  ['EEXIST', 'storage', 'The data folder is a file.', 'Choose another data folder.'],
  [
    'SQLITE_CORRUPT',
    'storage',
    'The database is damaged.',
    'Move it away and start anew, or put back a copy; the archive can be scanned again.',
  ],
  [
    'SQLITE_NOTADB',
    'storage',
    'The file is not a database.',
    'Move it away and start anew, or put back a copy; the archive can be scanned again.',
  ],
  ['SQLITE_BUSY', 'storage', 'Another program holds the database.', 'Close the program that has it open.'],
  ['SQLITE_IOERR', 'storage', 'The disk of the data folder reports an error.', 'Check the disk and its connection.'],
];

const codeOf = (caught: unknown): string =>
  caught instanceof Error && 'code' in caught && typeof caught.code === 'string' ? caught.code : '';

/** Gives what SQLite or the file system threw a kind and a hint; an error that has a kind already stays as it is. */
export function asStorageError(caught: unknown, file: string): NightshiftError {
  if (caught instanceof NightshiftError) return caught;
  const code = codeOf(caught);
  const detail = caught instanceof Error ? caught.message : String(caught);
  const meaning = meanings.find(([prefix]) => code.startsWith(prefix));
  if (meaning !== undefined) {
    const [, kind, message, hint] = meaning;
    return new NightshiftError({ kind, message: `${message} (${detail})`, where: file, hint }, { cause: caught });
  }
  const kind = code.startsWith('SQLITE_') ? 'storage' : 'internal';
  return new NightshiftError({ kind, message: `The store failed: ${detail}`, where: file }, { cause: caught });
}
