import type { Database } from 'better-sqlite3';

/** The schema as SQLite keeps it, comments included, in order of kind and name. */
export function dumpSchema(db: Database): string {
  const version = db.pragma('user_version', { simple: true }) as number;
  const statements = db
    .prepare(
      `SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'
       ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 ELSE 2 END, name`,
    )
    .pluck()
    .all() as string[];
  return [
    `-- Made by scripts/dump-schema.mjs from the migrations; not read by the program. user_version ${version}.`,
    ...statements.map((statement) => `${statement};`),
    '',
  ].join('\n\n');
}
