import { createArchiveTally } from '../archive-tally.ts';
import { notFound, type Operation } from '../store-context.ts';
import { inTransaction } from '../in-transaction.ts';

interface KnownItem {
  readonly id: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly state: string;
  readonly scanId: number | null;
  readonly foundRun: number;
  readonly listId: string | null;
}

/** What a changed file had been looked at stays with its old content; the item starts anew. */
export const foundItems: Operation<'items.found'> = (store) => {
  const { db, jobPk } = store;
  const archive = createArchiveTally(store);
  const select = db.prepare(
    `SELECT id, size, mtime_ms AS mtimeMs, state, scan_id AS scanId, found_run AS foundRun, list_id AS listId
     FROM items WHERE job_pk = ? AND path = ?`,
  );
  const insert = db.prepare(
    `INSERT INTO items (job_pk, path, kind, size, mtime_ms, state, found_run, expected_frames, list_id)
     VALUES (?, ?, ?, ?, ?, 'pending', ?, ?, ?)`,
  );
  const stamp = db.prepare('UPDATE items SET found_run = ?, list_id = ? WHERE id = ?');
  const restart = db.prepare(
    `UPDATE items SET id = coalesce(?, id), kind = ?, size = ?, mtime_ms = ?, state = 'pending', scan_id = NULL, cursor = 0,
       expected_frames = ?, attempts = 0, failure_kind = NULL, failure_reason = NULL, found_run = ?, list_id = ?
     WHERE id = ?`,
  );
  const behindAll = db.prepare('SELECT max(id) + 1 FROM items').pluck();
  // A picture is one frame; how long a video is shows when it is opened.
  const expectedFrames = (kind: string): number | null => (kind === 'picture' ? 1 : null);
  return inTransaction(db, ({ jobId, run, items }) => {
    const pk = jobPk(jobId);
    if (pk === null) throw notFound('job', jobId);
    let undone = 0;
    const otherIds: { index: number; id: string }[] = [];
    for (const [index, { path, kind, size, mtimeMs, listId = null }] of items.entries()) {
      const known = select.get(pk, path) as KnownItem | undefined;
      if (known === undefined) {
        insert.run(pk, path, kind, size, mtimeMs, run, expectedFrames(kind), listId);
      } else if (known.foundRun === run) {
        if (listId === null || known.listId === listId) continue;
        if (known.listId === null) stamp.run(run, listId, known.id);
        else otherIds.push({ index, id: known.listId });
      } else if (known.size === size && known.mtimeMs === mtimeMs && known.state !== 'missing') {
        stamp.run(run, listId, known.id);
      } else {
        if (known.scanId !== null) archive.letGo({ id: known.id, jobPk: pk, path }, known.scanId);
        const id = known.state === 'pending' ? null : behindAll.get();
        restart.run(id, kind, size, mtimeMs, expectedFrames(kind), run, listId, known.id);
        undone += known.state === 'done' ? 1 : 0;
      }
    }
    return { undone, otherIds };
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
