import type { Database } from 'better-sqlite3';

/** The operation in one transaction that takes the write lock at once: all of it is committed, or none. */
export function inTransaction<Input, Output>(
  db: Database,
  operation: (input: Input) => Output,
): (input: Input) => Output {
  const run = db.transaction((input: Input) => operation(input)).immediate;
  return (input) => run(input);
}
