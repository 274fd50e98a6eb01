import type { Database } from 'better-sqlite3';
import { openDatabase } from '../open-database.ts';
import type { OperationName, StoreOperations } from '../operations.ts';
import { packInput } from '../packed-rows.ts';
import { operations } from '../queries/index.ts';
import { createStoreContext } from '../store-context.ts';

/** The operations without the thread: for tests that make thousands of calls or look at the database itself. */
export interface DirectStore {
  readonly db: Database;
  readonly call: <K extends OperationName>(name: K, input: StoreOperations[K]['in']) => StoreOperations[K]['out'];
}

export function openDirectly(file: string): DirectStore {
  const db = openDatabase({ file });
  // What is durable is the kill test's business; here it would only cost time.
  db.pragma('synchronous = OFF');
  const context = createStoreContext(db, file);
  const prepared = new Map<string, (input: never) => unknown>();
  return {
    db,
    call: <K extends OperationName>(name: K, input: StoreOperations[K]['in']) => {
      let operation = prepared.get(name);
      if (operation === undefined) {
        operation = operations[name](context);
        prepared.set(name, operation);
      }
      return operation(packInput(name, input).input as never) as StoreOperations[K]['out'];
    },
  };
}
