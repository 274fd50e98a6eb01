import type { StoreContext } from './store-context.ts';

/** Finds or makes the row of a source under a recipe. */
export function findScan({ db }: StoreContext): { ensure: (sourceId: number, recipeId: number) => number } {
  const select = db.prepare('SELECT id FROM scans WHERE source_id = ? AND recipe_id = ?').pluck();
  const insert = db.prepare('INSERT INTO scans (source_id, recipe_id) VALUES (?, ?)');
  return {
    ensure: (sourceId, recipeId) =>
      (select.get(sourceId, recipeId) as number | undefined) ?? Number(insert.run(sourceId, recipeId).lastInsertRowid),
  };
}
