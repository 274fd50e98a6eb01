import type { GapReason } from '../../shared/domain/recording.ts';
import { inTransaction } from '../in-transaction.ts';
import type { Operation } from '../store-context.ts';

const dayMs = 86_400_000;
/** Why there was nothing is remembered for as long as there is older footage, and for so long in any case. */
const gapDays = 30;
/** A camera that records around 600 events a day has so many in 30 days. */
const mostGaps = 20_000;

/** Days by camera that is gone from the list and has footage left. */
export const removedDays: Operation<'recordings.removedDays'> = ({ db }) => {
  const select = db.prepare(
    `SELECT days.camera_id AS cameraId, days.keep_days AS keepDays FROM recording_days AS days
     JOIN cameras ON cameras.id = days.camera_id AND cameras.removed = 1`,
  );
  return () => select.all() as { cameraId: string; keepDays: number }[];
};

/** What explains nothing that anybody can see any more becomes one gap. */
export const pruneGaps: Operation<'recordings.pruneGaps'> = ({ db }) => {
  const cameras = db.prepare('SELECT DISTINCT camera_id FROM recording_gaps').pluck();
  const oldest = db.prepare('SELECT min(start_ms) FROM recording_segments WHERE camera_id = ?').pluck();
  const beyond = db
    .prepare(
      `SELECT to_ms FROM recording_gaps WHERE camera_id = ? ORDER BY from_ms DESC LIMIT 1 OFFSET ${String(mostGaps)}`,
    )
    .pluck();
  const ended = 'camera_id = @cameraId AND from_ms < @untilMs AND to_ms <= @untilMs';
  const sum = db.prepare(
    `SELECT count(*) AS count, min(from_ms) AS fromMs, max(to_ms) AS toMs, min(reason) AS first, max(reason) AS last,
       max(reason = 'deleted') AS deleted FROM recording_gaps WHERE ${ended}`,
  );
  const remove = db.prepare(`DELETE FROM recording_gaps WHERE ${ended}`);
  const insert = db.prepare('INSERT INTO recording_gaps (camera_id, from_ms, to_ms, reason) VALUES (?, ?, ?, ?)');
  const forgetDays = db.prepare(
    `DELETE FROM recording_days WHERE NOT EXISTS
       (SELECT 1 FROM recording_segments AS segment WHERE segment.camera_id = recording_days.camera_id)`,
  );
  return inTransaction(db, ({ nowMs }) => {
    forgetDays.run();
    for (const cameraId of cameras.all() as string[]) {
      const explained = Math.min((oldest.get(cameraId) as number | null) ?? nowMs, nowMs - gapDays * dayMs);
      const untilMs = Math.max(explained, (beyond.get(cameraId) as number | null | undefined) ?? 0);
      const { count, fromMs, toMs, first, last, deleted } = sum.get({ cameraId, untilMs }) as {
        readonly count: number;
        readonly fromMs: number;
        readonly toMs: number;
        readonly first: GapReason;
        readonly last: GapReason;
        readonly deleted: number;
      };
      if (count < 2) continue;
      remove.run({ cameraId, untilMs });
      insert.run(cameraId, fromMs, toMs, deleted === 1 ? 'deleted' : first === last ? first : 'unknown');
    }
  });
};
