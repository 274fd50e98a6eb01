import type { Notice } from '../../shared/domain/system.ts';
import type { Operation } from '../store-context.ts';
import { inTransaction } from '../in-transaction.ts';

/** Cleared notices older than the newest 1,000 are forgotten. */
const keptNotices = 1000;

export const addNotice: Operation<'notices.add'> = ({ db }) => {
  const insert = db.prepare('INSERT INTO notices (at_ms, level, topic, text) VALUES (?, ?, ?, ?)');
  const forget = db.prepare('DELETE FROM notices WHERE id <= ? AND cleared_at_ms IS NOT NULL');
  return inTransaction(db, ({ atMs, level, topic, text }) => {
    const id = Number(insert.run(Math.round(atMs), level, topic, text).lastInsertRowid);
    forget.run(id - keptNotices);
    return { id, atMs: Math.round(atMs), level, topic, text, clearedAtMs: null };
  });
};

export const clearNotices: Operation<'notices.clear'> = ({ db }) => {
  const clear = db.prepare('UPDATE notices SET cleared_at_ms = ? WHERE topic = ? AND cleared_at_ms IS NULL');
  return ({ topic, atMs }) => {
    clear.run(Math.round(atMs), topic);
  };
};

export const dismissNotice: Operation<'notices.dismiss'> = ({ db }) => {
  const dismiss = db.prepare('UPDATE notices SET cleared_at_ms = ? WHERE id = ? AND cleared_at_ms IS NULL');
  return ({ id, atMs }) => {
    dismiss.run(Math.round(atMs), id);
  };
};

export const listNotices: Operation<'notices.list'> = ({ db }) => {
  const select = db.prepare(
    `SELECT id, at_ms AS atMs, level, topic, text, cleared_at_ms AS clearedAtMs FROM notices
     ORDER BY cleared_at_ms IS NOT NULL, at_ms DESC, id DESC LIMIT 200`,
  );
  return () => select.all() as Notice[];
};
