import type { Migration } from './migration.ts';

/** Files of a list have the ids that the list gives them; null: none does. */
export const listIds: Migration = {
  version: 201,
  name: 'list-ids',
  up: (db) => {
    db.exec(`
ALTER TABLE items ADD COLUMN list_id TEXT;
`);
  },
};
