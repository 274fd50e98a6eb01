import type { RecordedTotals } from '../operations.ts';
import type { Operation } from '../store-context.ts';

/** Files are a minute long, but one without keyframes may be longer: so far before a stretch its first file may begin. */
export const longestSegmentMs = 3_600_000;

/** Every camera with footage. What changes with each file is kept by triggers; the ends are each the end of an index. */
export const totalsSql = `SELECT total.camera_id AS cameraId, total.bytes,
    (SELECT start_ms FROM recording_segments WHERE camera_id = total.camera_id AND state = 'closed'
     ORDER BY start_ms LIMIT 1) AS oldestMs,
    (SELECT end_ms FROM recording_segments WHERE camera_id = total.camera_id AND state = 'closed'
     ORDER BY start_ms DESC LIMIT 1) AS newestMs
  FROM recording_totals AS total WHERE total.files > 0 ORDER BY total.camera_id`;

/** Of one camera: a day's files at most. */
export const recentSql = `SELECT total(bytes) AS recentBytes, min(start_ms) AS recentFromMs FROM recording_segments
  WHERE camera_id = @cameraId AND start_ms >= @sinceMs AND state = 'closed'`;

/** Of one camera: the files of what is kept, each once. */
export const keptSql = `SELECT total(bytes) FROM (
    SELECT DISTINCT segment.id, segment.bytes FROM recording_kept AS kept CROSS JOIN recording_segments AS segment
    WHERE kept.camera_id = @cameraId AND segment.camera_id = kept.camera_id
      AND segment.start_ms >= kept.from_ms - ${String(longestSegmentMs)} AND segment.start_ms < kept.to_ms
      AND segment.end_ms > kept.from_ms AND segment.state = 'closed')`;

export const recordedTotals: Operation<'recordings.totals'> = ({ db }) => {
  const totals = db.prepare(totalsSql);
  const recent = db.prepare(recentSql);
  const kept = db.prepare(keptSql).pluck();
  return ({ sinceMs }) =>
    (totals.all() as Pick<RecordedTotals, 'cameraId' | 'bytes' | 'oldestMs' | 'newestMs'>[]).map((total) => {
      const { cameraId } = total;
      return {
        ...total,
        ...(recent.get({ cameraId, sinceMs }) as Pick<RecordedTotals, 'recentBytes' | 'recentFromMs'>),
        keptBytes: kept.get({ cameraId }) as number,
      };
    });
};
