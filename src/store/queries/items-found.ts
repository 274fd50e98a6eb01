import { createArchiveTally } from '../archive-tally.ts';
import { notFound, type Operation } from '../store-context.ts';
import { inTransaction } from '../in-transaction.ts';

interface KnownItem {
  readonly id: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly state: string;
  readonly scanId: number | null;
}

/** What a changed file had been looked at stays with its old content; the item starts anew. */
export const foundItems: Operation<'items.found'> = (store) => {
  const { db, jobPk } = store;
  const archive = createArchiveTally(store);
  const select = db.prepare(
    'SELECT id, size, mtime_ms AS mtimeMs, state, scan_id AS scanId FROM items WHERE job_pk = ? AND path = ?',
  );
  const insert = db.prepare(
    `INSERT INTO items (job_pk, path, kind, size, mtime_ms, state, found_run, expected_frames)
     VALUES (?, ?, ?, ?, ?, 'pending', ?, ?)`,
  );
  const stamp = db.prepare('UPDATE items SET found_run = ? WHERE id = ?');
  const restart = db.prepare(
    `UPDATE items SET kind = ?, size = ?, mtime_ms = ?, state = 'pending', scan_id = NULL, cursor = 0,
       expected_frames = ?, attempts = 0, failure_kind = NULL, failure_reason = NULL, found_run = ? WHERE id = ?`,
  );
  // A picture is one frame; how long a video is shows when it is opened.
  const expectedFrames = (kind: string): number | null => (kind === 'picture' ? 1 : null);
  return inTransaction(db, ({ jobId, run, items }) => {
    const pk = jobPk(jobId);
    if (pk === null) throw notFound('job', jobId);
    for (const { path, kind, size, mtimeMs } of items) {
      const known = select.get(pk, path) as KnownItem | undefined;
      if (known === undefined) {
        insert.run(pk, path, kind, size, mtimeMs, run, expectedFrames(kind));
      } else if (known.size === size && known.mtimeMs === mtimeMs && known.state !== 'missing') {
        stamp.run(run, known.id);
      } else {
        if (known.scanId !== null) archive.letGo({ id: known.id, jobPk: pk, path }, known.scanId);
        restart.run(kind, size, mtimeMs, expectedFrames(kind), run, known.id);
      }
    }
  });
};

/** `missing`: every item of the job that is missing now. */
export const endFoundItems: Operation<'items.endFound'> = ({ db, jobPk }) => {
  const mark = db.prepare(
    `UPDATE items SET state = 'missing', failure_kind = 'missing', failure_reason = 'The file is no longer there.'
     WHERE job_pk = ? AND found_run <> ? AND state IN ('pending', 'failed', 'quarantined')`,
  );
  const count = db.prepare(`SELECT count(*) FROM items WHERE job_pk = ? AND state = 'missing'`).pluck();
  return inTransaction(db, ({ jobId, run }) => {
    const pk = jobPk(jobId);
    if (pk === null) throw notFound('job', jobId);
    mark.run(pk, run);
    return { missing: count.get(pk) as number };
  });
};
