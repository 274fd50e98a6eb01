import type { Operation } from '../store-context.ts';
import { inTransaction } from '../in-transaction.ts';
import type { StoredSegment } from '../operations.ts';

export const segmentColumns = `id, camera_id AS cameraId, file, start_ms AS startMs, end_ms AS endMs, bytes, codec, state`;

/** A row of the file that is there already stays as it is: news may come twice. */
export const openSegment: Operation<'recordings.open'> = ({ db }) => {
  const insert = db.prepare(
    `INSERT INTO recording_segments (camera_id, file, start_ms, end_ms, bytes, codec, state)
     VALUES (?, ?, ?, NULL, 0, ?, 'open') ON CONFLICT (file) DO NOTHING`,
  );
  return ({ cameraId, file, startMs, codec }) => {
    insert.run(cameraId, file, Math.round(startMs), codec);
  };
};

/** Also adopts a file that has no row. */
export const closeSegment: Operation<'recordings.close'> = ({ db }) => {
  const upsert = db.prepare(
    `INSERT INTO recording_segments (camera_id, file, start_ms, end_ms, bytes, codec, state)
     VALUES (?, ?, ?, ?, ?, NULL, 'closed')
     ON CONFLICT (file) DO UPDATE SET end_ms = excluded.end_ms, bytes = excluded.bytes, state = 'closed'`,
  );
  return ({ cameraId, file, startMs, endMs, bytes }) => {
    upsert.run(cameraId, file, Math.round(startMs), Math.round(endMs), bytes);
  };
};

/** Those whose writing, or whose deletion, was begun and not ended. */
export const unfinishedSegments: Operation<'recordings.unfinished'> = ({ db }) => {
  const select = db.prepare(
    `SELECT ${segmentColumns} FROM recording_segments WHERE state IN ('open', 'leaving') ORDER BY start_ms`,
  );
  return () => select.all() as StoredSegment[];
};

/** The rows of one folder: `prefix` ends with a slash. */
export const segmentFiles: Operation<'recordings.filesIn'> = ({ db }) => {
  const select = db.prepare('SELECT file FROM recording_segments WHERE file >= ? AND file < ?').pluck();
  return ({ prefix }) => select.all(prefix, `${prefix}\uffff`) as string[];
};

const mayLeave = `state = 'closed' AND NOT EXISTS (
    SELECT 1 FROM recording_kept AS kept
    WHERE kept.camera_id = segment.camera_id AND kept.from_ms < segment.end_ms AND kept.to_ms > segment.start_ms)`;

export const oldestSql = `SELECT ${segmentColumns} FROM recording_segments AS segment INDEXED BY recording_segments_by_age
  WHERE ${mayLeave} ORDER BY start_ms LIMIT @limit`;

/** Of one camera by its own index: it may have few files among hundreds of thousands of others. */
export const oldestOfCameraSql = `SELECT ${segmentColumns} FROM recording_segments AS segment
    INDEXED BY recording_segments_by_time
  WHERE camera_id = @cameraId AND ${mayLeave} ORDER BY start_ms LIMIT @limit`;

export const oldestSegments: Operation<'recordings.oldest'> = ({ db }) => {
  const ofAll = db.prepare(oldestSql);
  const ofCamera = db.prepare(oldestOfCameraSql);
  return ({ limit, cameraId }) =>
    (cameraId === null ? ofAll.all({ limit }) : ofCamera.all({ limit, cameraId })) as StoredSegment[];
};

/** A file of which nothing could be played, and which is gone. */
export const dropSegment: Operation<'recordings.drop'> = ({ db }) => {
  const drop = db.prepare('DELETE FROM recording_segments WHERE file = ?');
  return ({ file }) => {
    drop.run(file);
  };
};

/** First step of a deletion: from now on nobody is shown them. What was kept since they were chosen stays. */
export const markLeaving: Operation<'recordings.leave'> = ({ db }) => {
  const mark = db.prepare(`UPDATE recording_segments AS segment SET state = 'leaving' WHERE id = ? AND ${mayLeave}`);
  return inTransaction(db, ({ ids }) => ids.filter((id) => mark.run(id).changes > 0));
};

/** Last step of a deletion, when the files are gone: where they were stands "deleted". */
export const forgetSegments: Operation<'recordings.forget'> = ({ db }) => {
  const take = db.prepare(
    `DELETE FROM recording_segments WHERE id = ?
     RETURNING camera_id AS cameraId, start_ms AS startMs, coalesce(end_ms, start_ms) AS endMs`,
  );
  const extend = db.prepare(
    `UPDATE recording_gaps SET to_ms = max(to_ms, @endMs)
     WHERE camera_id = @cameraId AND reason = 'deleted' AND to_ms BETWEEN @startMs - 2000 AND @endMs`,
  );
  const insert = db.prepare(
    `INSERT INTO recording_gaps (camera_id, from_ms, to_ms, reason) VALUES (@cameraId, @startMs, @endMs, @reason)`,
  );
  return inTransaction(db, ({ ids, reason }) => {
    for (const id of ids) {
      const gone = take.get(id) as { cameraId: string; startMs: number; endMs: number } | undefined;
      if (gone === undefined || gone.endMs <= gone.startMs) continue;
      if (reason === 'deleted' && extend.run(gone).changes > 0) continue;
      insert.run({ ...gone, reason });
    }
  });
};
