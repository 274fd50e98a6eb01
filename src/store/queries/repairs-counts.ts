import type { StoredRepairCount } from '../operations.ts';
import type { Operation } from '../store-context.ts';
import { msPerMinute } from '../stored-numbers.ts';

/** What became of the shed frames of a stretch of time; open ones count whenever they are from. */
export const countRepairs: Operation<'repairs.counts'> = ({ db }) => {
  const select = db.prepare(
    `SELECT state, why, sum(frames) AS frames, sum(boxes) AS boxes, min(minute) AS first, max(minute) AS last FROM (
       SELECT m.* FROM sources src JOIN scans s ON s.source_id = src.id JOIN shed_minutes m ON m.scan_id = s.id
         WHERE src.key = 'camera:' || @cameraId AND m.minute >= @minute AND m.state <> 'open'
       UNION ALL SELECT m.* FROM sources src JOIN scans s ON s.source_id = src.id
         JOIN shed_minutes m ON m.scan_id = s.id AND m.state = 'open' WHERE src.key = 'camera:' || @cameraId)
     GROUP BY state, why`,
  );
  return ({ cameraIds, sinceMs }) =>
    cameraIds.flatMap((cameraId) => {
      const minute = Math.floor(sinceMs / msPerMinute);
      const rows = select.all({ cameraId, minute }) as (Omit<StoredRepairCount, 'cameraId' | 'fromMs' | 'toMs'> & {
        first: number;
        last: number;
      })[];
      return rows.map(({ first, last, ...row }) => ({
        ...row,
        cameraId,
        fromMs: first * msPerMinute,
        toMs: (last + 1) * msPerMinute,
      }));
    });
};
