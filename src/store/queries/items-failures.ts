import type { ItemFailure } from '../../shared/domain/job.ts';
import { notFound, type Operation } from '../store-context.ts';

/** Also records a failed attempt of an item that stays pending (a transient failure). */
export const failItem: Operation<'items.fail'> = ({ db }) => {
  const fail = db.prepare(
    'UPDATE items SET state = ?, failure_kind = ?, failure_reason = ?, attempts = attempts + 1 WHERE id = ?',
  );
  return ({ itemId, state, kind, reason }) => {
    if (fail.run(state, kind, reason, itemId).changes === 0) throw notFound('item', itemId);
  };
};

export const retryItems: Operation<'items.retry'> = ({ db, jobPk }) => {
  const retry = db.prepare(
    `UPDATE items SET state = 'pending', attempts = 0, failure_kind = NULL, failure_reason = NULL
     WHERE job_pk = ? AND state IN ('failed', 'quarantined', 'missing')`,
  );
  return ({ jobId }) => {
    const pk = jobPk(jobId);
    if (pk === null) throw notFound('job', jobId);
    return { count: retry.run(pk).changes };
  };
};

/** In path order. */
export const itemFailures: Operation<'items.failures'> = ({ db, jobPk }) => {
  const count = db.prepare('SELECT failed FROM job_counts WHERE job_pk = ?').pluck();
  const select = db.prepare(
    `SELECT path, coalesce(failure_kind, 'unreadable') AS kind, coalesce(failure_reason, '') AS reason FROM items
     WHERE job_pk = ? AND state IN ('failed', 'quarantined', 'missing') ORDER BY path LIMIT ? OFFSET ?`,
  );
  return ({ jobId, offset, limit }) => {
    const pk = jobPk(jobId);
    if (pk === null) throw notFound('job', jobId);
    return { total: count.get(pk) as number, failures: select.all(pk, limit, offset) as ItemFailure[] };
  };
};
