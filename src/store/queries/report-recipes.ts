import type { Operation } from '../store-context.ts';
import { createScopeResolver, heldScans } from './report-scope.ts';

interface NamedRecipe {
  readonly model: string;
  readonly modelSha256: string;
  readonly settingsHash: string;
}

/** In order of model, hash and settings: row ids differ between data folders and must not decide. */
export const reportRecipes: Operation<'report.recipes'> = (store) => {
  const resolve = createScopeResolver(store);
  return (scope) => {
    const { items, cameraScans } = resolve(scope);
    const ids = new Set(cameraScans.map(({ recipeId }) => recipeId));
    if (items !== null) {
      const select = store.statement(
        `SELECT DISTINCT s.recipe_id FROM ${heldScans(items)} held JOIN scans s ON s.id = held.scan_id`,
      );
      for (const id of select.pluck().all() as number[]) ids.add(id);
    }
    return store
      .statement(
        `SELECT model_id AS model, model_sha256 AS modelSha256, settings_hash AS settingsHash FROM recipes
         WHERE id IN (SELECT value FROM json_each(?)) ORDER BY model_id, model_sha256, settings_hash`,
      )
      .all(JSON.stringify([...ids])) as NamedRecipe[];
  };
};
