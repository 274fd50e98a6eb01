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

/** Frames that gave way to load and of which there is footage: whoever repairs the night decodes them from there. */
export const shedWithFootage: Operation<'recordings.shedWithFootage'> = ({ db }) => {
  const select = db.prepare(
    `SELECT shed.at_ms AS atMs, shed.frames, segment.file, segment.start_ms AS segmentStartMs
     FROM shed_records AS shed JOIN recording_segments AS segment
       ON segment.camera_id = @cameraId AND segment.start_ms <= shed.at_ms + 999 AND segment.end_ms > shed.at_ms
     WHERE shed.camera IN (@cameraId, (SELECT name FROM cameras WHERE id = @cameraId)) AND shed.at_ms >= @fromMs AND shed.at_ms < @toMs AND segment.state = 'closed'
     ORDER BY shed.at_ms LIMIT @limit`,
  );
  return ({ cameraId, fromMs, toMs, limit }) =>
    select.all({ cameraId, fromMs, toMs, limit }) as {
      atMs: number;
      frames: number;
      file: string;
      segmentStartMs: number;
    }[];
};
