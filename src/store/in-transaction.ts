import type { Database } from 'better-sqlite3';

/** The operation in one transaction that takes the write lock at once: all of it is committed, or none. */
export function inTransaction<Input, Output>(
  db: Database,
  operation: (input: Input) => Output,
): (input: Input) => Output {
  const run = db.transaction((input: Input) => operation(input)).immediate;
  return (input) => run(input);
}

/**
 * The same, for what can be found out again: it is in the WAL when it returns, and on the disk with the next commit
 * that is waited for. A power cut may take it, whole; a kill cannot. It saves a wait for the disk an item.
 */
export function inLazyTransaction<Input, Output>(
  db: Database,
  operation: (input: Input) => Output,
): (input: Input) => Output {
  const run = db.transaction((input: Input) => operation(input)).immediate;
  return (input) => {
    db.pragma('synchronous = NORMAL');
    try {
      return run(input);
    } finally {
      db.pragma('synchronous = FULL');
    }
  };
}
