import { chmodSync, renameSync, rmSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { NightshiftError } from '../shared/errors.ts';
import type { Migration } from './migrations/migration.ts';

/** The name of the copy that is kept before a database of `version` is upgraded. */
export const copyBeforeUpgrade = (file: string, version: number): string => `${file}.schema-${version}`;

/**
 * Brings the database to the newest version, one transaction a step. Before the first step of an existing database a
 * whole copy is written beside it. A database of a newer program is refused untouched.
 */
export function migrate(db: Database, file: string, migrations: readonly Migration[]): { from: number; to: number } {
  const from = db.pragma('user_version', { simple: true }) as number;
  const newest = newestVersion(migrations);
  if (from > newest) {
    throw new NightshiftError({
      kind: 'unsupported',
      message: `The data was written by a newer Nightshift (schema ${from}; this one knows up to ${newest}).`,
      where: file,
      hint: 'Update Nightshift, or start it with another data folder.',
    });
  }
  const steps = migrations.filter((step) => step.version > from);
  if (steps.length > 0 && from > 0) keepCopy(db, file, from);
  for (const step of steps) {
    db.transaction(() => {
      step.up(db);
      db.pragma(`user_version = ${step.version}`);
    }).immediate();
  }
  return { from, to: newest };
}

function newestVersion(migrations: readonly Migration[]): number {
  let last = 0;
  for (const { version, name } of migrations) {
    if (!Number.isInteger(version) || version <= last) {
      throw new Error(`migration ${name}: version ${version} does not follow ${last}`);
    }
    last = version;
  }
  return last;
}

/** Whole or not at all: written under another name, then renamed. */
function keepCopy(db: Database, file: string, version: number): void {
  const copy = copyBeforeUpgrade(file, version);
  const partial = `${copy}.partial`;
  rmSync(partial, { force: true });
  db.prepare('VACUUM INTO ?').run(partial);
  chmodSync(partial, 0o600);
  renameSync(partial, copy);
}
