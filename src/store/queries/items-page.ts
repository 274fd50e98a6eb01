import type { ItemState } from '../../shared/domain/job.ts';
import type { StoredItem } from '../operations.ts';
import type { Operation } from '../store-context.ts';

/** One statement a state, because the index gives each state in id order; merged here. */
export const itemsPageSql = `
  SELECT i.id, i.path, i.kind, i.size, i.mtime_ms AS mtimeMs, i.state, s.source_id AS sourceId, s.recipe_id AS recipeId,
    i.cursor, i.expected_frames AS expectedFrames, i.attempts, i.failure_kind AS failureKind,
    i.failure_reason AS failureReason
  FROM items i LEFT JOIN scans s ON s.id = i.scan_id
  WHERE i.job_pk = ? AND i.state = ? AND i.id > ? ORDER BY i.id LIMIT ?`;

export const itemsPage: Operation<'items.page'> = ({ db, jobPk }) => {
  const select = db.prepare(itemsPageSql);
  return ({ jobId, states, afterId, limit }) => {
    const pk = jobPk(jobId);
    if (pk === null) return [];
    return [...new Set<ItemState>(states)]
      .flatMap((state) => select.all(pk, state, afterId, limit) as Omit<StoredItem, 'jobId'>[])
      .sort((a, b) => a.id - b.id)
      .slice(0, limit)
      .map((item) => ({ ...item, jobId }));
  };
};
