import type { RecordedTotals } from '../operations.ts';
import type { Operation } from '../store-context.ts';

export const recordedTotals: Operation<'recordings.totals'> = ({ db }) => {
  const select = db.prepare(
    `SELECT camera_id AS cameraId, total(bytes) AS bytes, min(start_ms) AS oldestMs, max(end_ms) AS newestMs,
       total(bytes) FILTER (WHERE start_ms >= @sinceMs) AS recentBytes,
       total(end_ms - start_ms) FILTER (WHERE start_ms >= @sinceMs) AS recentMs,
       min(start_ms) FILTER (WHERE start_ms >= @sinceMs) AS recentFromMs,
       total(bytes) FILTER (WHERE EXISTS (
         SELECT 1 FROM recording_kept AS kept
         WHERE kept.camera_id = segment.camera_id AND kept.from_ms < segment.end_ms AND kept.to_ms > segment.start_ms
       )) AS keptBytes
     FROM recording_segments AS segment WHERE state = 'closed' GROUP BY camera_id`,
  );
  return ({ sinceMs }) => select.all({ sinceMs }) as RecordedTotals[];
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
