import type { Operation } from '../store-context.ts';

export const ensureRecipe: Operation<'recipes.ensure'> = ({ db }) => {
  const select = db.prepare('SELECT id FROM recipes WHERE model_sha256 = ? AND settings_hash = ?').pluck();
  const insert = db.prepare(
    'INSERT INTO recipes (model_id, model_sha256, settings_hash, settings, labels) VALUES (?, ?, ?, ?, ?)',
  );
  return ({ modelId, modelSha256, settingsHash, settings, labels }) => {
    const known = select.get(modelSha256, settingsHash) as number | undefined;
    if (known !== undefined) return { recipeId: known };
    const inserted = insert.run(modelId, modelSha256, settingsHash, JSON.stringify(settings), JSON.stringify(labels));
    return { recipeId: Number(inserted.lastInsertRowid) };
  };
};

/** A size that was not known before is filled in; one that was known stays. */
export const ensureSource: Operation<'sources.ensure'> = ({ db }) => {
  const upsert = db
    .prepare(
      `INSERT INTO sources (key, kind, width, height) VALUES (?, ?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET width = coalesce(width, excluded.width), height = coalesce(height, excluded.height)
       RETURNING id`,
    )
    .pluck();
  return ({ key, kind, width, height }) => ({ sourceId: upsert.get(key, kind, width, height) as number });
};
