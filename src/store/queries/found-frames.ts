import type { Box, TrackedDetection } from '../../shared/domain/detection.ts';
import type { Operation } from '../store-context.ts';
import { fromStoredBox, fromStoredScore, labelOf } from '../stored-numbers.ts';

interface Row {
  readonly atMs: number;
  readonly recipeId: number;
  readonly classIndex: number;
  readonly score: number;
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
  readonly trackId: number | null;
}

export const foundFramesSql = `SELECT d.frame AS atMs, s.recipe_id AS recipeId,
    d.class_index AS classIndex, d.score, d.x, d.y, d.w, d.h, d.track_id AS trackId
  FROM sources src JOIN scans s ON s.source_id = src.id JOIN detections d ON d.scan_id = s.id
  WHERE src.key = 'camera:' || @cameraId AND d.frame >= @fromMs AND d.frame < @toMs
  ORDER BY d.frame, d.scan_id, d.ordinal LIMIT @limit`;

/** A camera's sightings know the size of its pictures; it hardly ever changes. */
export const sizeNearSql = `SELECT width, height FROM events INDEXED BY events_by_time
  WHERE camera_id = @cameraId AND start_ms >= @fromMs - ${String(86_400_000)} AND start_ms < @toMs
  ORDER BY start_ms DESC LIMIT 1`;

/** Where there are more boxes than `limit`, the last frame may lack some of its own and is left out. */
export const foundFrames: Operation<'activity.frames'> = (store) => {
  const select = store.db.prepare(foundFramesSql);
  const sizeNear = store.db.prepare(sizeNearSql);
  const detectionOf = (row: Row): TrackedDetection => {
    const box: Box = fromStoredBox(row.x, row.y, row.w, row.h);
    return {
      classIndex: row.classIndex,
      label: labelOf(store.recipe(row.recipeId), row.classIndex),
      score: fromStoredScore(row.score),
      box,
      trackId: row.trackId,
      // How it moved was not written down.
      isStationary: false,
    };
  };
  return ({ cameraId, fromMs, toMs, limit, size }) => {
    const rows = select.all({ cameraId, fromMs, toMs, limit }) as Row[];
    const known = sizeNear.get({ cameraId, fromMs, toMs }) as { width: number; height: number } | undefined;
    const of = known ?? size;
    if (of === null) return { untilMs: toMs, frames: [] };
    const last = rows.length < limit ? null : (rows[rows.length - 1]?.atMs ?? null);
    const frames: { atMs: number; width: number; height: number; detections: TrackedDetection[] }[] = [];
    for (const row of rows) {
      const { atMs } = row;
      if (atMs === last) continue;
      const frame = frames[frames.length - 1];
      if (frame?.atMs === atMs) frame.detections.push(detectionOf(row));
      else frames.push({ atMs, width: of.width, height: of.height, detections: [detectionOf(row)] });
    }
    return { untilMs: last ?? toMs, frames };
  };
};
