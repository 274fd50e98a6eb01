import { notFound, type Operation } from '../store-context.ts';
import { createSourceCommitter } from '../source-committer.ts';
import { inTransaction } from '../in-transaction.ts';

/**
 * Rows, the ranges they cover, and the cursors, in one transaction: either all of a flush is known after a crash or
 * none of it. A cursor never goes back, because what it stands for never does.
 */
export const commitResults: Operation<'results.commit'> = (store) => {
  const { db } = store;
  const sources = createSourceCommitter(store);
  const proceed = db.prepare(
    'UPDATE items SET cursor = max(cursor, ?), expected_frames = coalesce(?, expected_frames) WHERE id = ?',
  );
  const end = db.prepare(
    `UPDATE items SET cursor = max(cursor, ?), expected_frames = coalesce(?, expected_frames), state = ?,
       failure_kind = ?, failure_reason = ?, attempts = attempts + ? WHERE id = ?`,
  );
  const rememberLength = db.prepare(
    'UPDATE scans SET total_frames = ? WHERE id = (SELECT scan_id FROM items WHERE id = ?)',
  );
  return inTransaction(db, ({ commits, items }) => {
    const receipt = sources.commit(commits);
    for (const { itemId, cursor, ended, expectedFrames } of items) {
      if (ended === null) {
        if (proceed.run(cursor, expectedFrames, itemId).changes === 0) throw notFound('item', itemId);
        continue;
      }
      const { state, failureKind, failureReason } = ended;
      // The cursor of an item that was read to its end is its length.
      const length = state === 'done' ? cursor : expectedFrames;
      const failures = state === 'done' ? 0 : 1;
      if (end.run(cursor, length, state, failureKind, failureReason, failures, itemId).changes === 0) {
        throw notFound('item', itemId);
      }
      if (state === 'done') rememberLength.run(cursor, itemId);
    }
    return receipt;
  });
};
