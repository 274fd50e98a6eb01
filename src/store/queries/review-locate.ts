import type { Operation, SourceKind } from '../store-context.ts';
import { fromStoredBox, nominalTimeUs } from '../stored-numbers.ts';

interface Located {
  readonly path: string;
  readonly kind: 'picture' | 'video';
  readonly sourceKind: SourceKind;
  readonly width: number | null;
  readonly height: number | null;
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
  readonly lateUs: number;
}

/** By the id that `review.list` gave: under the newest file that holds the content. */
export const locateDetection: Operation<'review.locate'> = (store) => {
  const select = store.db.prepare(
    `SELECT i.path, i.kind, src.kind AS sourceKind, src.width, src.height, d.x, d.y, d.w, d.h, d.late_us AS lateUs
     FROM scans s JOIN sources src ON src.id = s.source_id
       JOIN detections d ON d.scan_id = s.id AND d.frame = :frame AND d.ordinal = :ordinal
       JOIN items i ON i.scan_id = s.id
     WHERE s.source_id = :sourceId AND s.recipe_id = :recipeId ORDER BY i.id DESC LIMIT 1`,
  );
  return ({ id }) => {
    const parts = /^(\d{1,15})-(\d{1,15})-(\d{1,15})-(\d{1,15})$/.exec(id);
    if (parts === null) return null;
    const [sourceId, recipeId, frame, ordinal] = parts.slice(1).map(Number) as [number, number, number, number];
    const row = select.get({ sourceId, recipeId, frame, ordinal }) as Located | undefined;
    if (row === undefined) return null;
    const timeUs = nominalTimeUs(row.sourceKind, store.recipe(recipeId), frame) + row.lateUs;
    return {
      path: row.path,
      kind: row.kind,
      timeMs: timeUs / 1000,
      box: fromStoredBox(row.x, row.y, row.w, row.h),
      width: row.width ?? 0,
      height: row.height ?? 0,
    };
  };
};
