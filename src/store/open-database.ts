import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { migrate } from './migrate.ts';
import { migrations as allMigrations } from './migrations/index.ts';
import type { Migration } from './migrations/migration.ts';
import { asStorageError } from './sqlite-errors.ts';

/** 'NSFT': tells a Nightshift database from any other SQLite file. */
const applicationId = 0x4e534654;

/**
 * Set on every open, because none but the journal mode is kept in the file, and `synchronous` reads differently on the
 * connection that first switched to WAL than on a later one.
 * - WAL + FULL: a commit is on the disk when it returns.
 * - SQLite checkpoints by itself after a commit once the WAL holds 4,000 pages (16 MB): with one writer and no long
 *   readers it cannot be starved. `close` truncates the WAL, and so does SQLite down to 64 MB after a burst.
 * - 64 MB of cache hold the upper b-tree levels of 10^8 detections.
 */
const pragmas = [
  'journal_mode = WAL',
  'synchronous = FULL',
  'foreign_keys = ON',
  'busy_timeout = 5000',
  'cache_size = -65536',
  'temp_store = MEMORY',
  'wal_autocheckpoint = 4000',
  'journal_size_limit = 67108864',
];

export interface DatabaseOptions {
  readonly file: string;
  /** Another build of better-sqlite3's native part; undefined: its own. */
  readonly nativeBinding?: string | undefined;
  readonly migrations?: readonly Migration[];
}

/** Opens (or makes) the database, owner-only, with its pragmas set and its schema at the newest version. */
export function openDatabase({ file, nativeBinding, migrations = allMigrations }: DatabaseOptions): Database.Database {
  let db: Database.Database | undefined;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    // SQLite gives the WAL beside it the same mode.
    closeSync(openSync(file, 'a', 0o600));
    chmodSync(file, 0o600);
    db = new Database(file, nativeBinding === undefined ? {} : { nativeBinding });
    for (const pragma of pragmas) db.pragma(pragma);
    migrate(db, file, migrations);
    db.pragma(`application_id = ${applicationId}`);
    return db;
  } catch (caught) {
    db?.close();
    throw asStorageError(caught, file);
  }
}
