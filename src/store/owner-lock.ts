import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { asStorageError } from './sqlite-errors.ts';

export type Ownership = { readonly ok: true; readonly release: () => void } | { readonly ok: false };

/**
 * Takes the data folder for this process by an exclusive SQLite lock on `owner.db`, held until `release` or the end of
 * the process: the operating system frees it after a kill -9, so there is never a stale lock to judge.
 * An existing `owner.db` is opened by SQLite alone: POSIX drops a process's locks with any descriptor it closes.
 */
export function acquireOwnership(dataDir: string, nativeBinding?: string): Ownership {
  const file = join(dataDir, 'owner.db');
  let db: Database.Database | undefined;
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600));
    db = new Database(file, { timeout: 0, ...(nativeBinding === undefined ? {} : { nativeBinding }) });
    db.exec('BEGIN EXCLUSIVE');
  } catch (caught) {
    db?.close();
    if (isBusy(caught)) return { ok: false };
    throw asStorageError(caught, file);
  }
  const held = db;
  return { ok: true, release: () => held.close() };
}

const isBusy = (caught: unknown): boolean =>
  caught instanceof Error && 'code' in caught && String(caught.code).startsWith('SQLITE_BUSY');
