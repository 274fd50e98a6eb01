import type { Operation } from '../store-context.ts';

export const getSetting: Operation<'settings.get'> = ({ db }) => {
  const select = db.prepare('SELECT value FROM settings WHERE key = ?').pluck();
  return ({ key }) => (select.get(key) as string | undefined) ?? null;
};

export const setSetting: Operation<'settings.set'> = ({ db }) => {
  const upsert = db.prepare('INSERT OR REPLACE INTO settings VALUES (?, ?)');
  return ({ key, value }) => {
    upsert.run(key, value);
  };
};
