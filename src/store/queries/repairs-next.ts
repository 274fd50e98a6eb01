import type { RecipeSettings } from '../../shared/domain/model.ts';
import type { RepairPiece } from '../operations.ts';
import { createRepairFootage, type CoveringFile } from '../repair-footage.ts';
import { createShedLedger } from '../shed-ledger.ts';
import type { Operation } from '../store-context.ts';

export const scansOfCameraSql = `SELECT s.id AS scanId, s.source_id AS sourceId, s.recipe_id AS recipeId
  FROM sources src JOIN scans s ON s.source_id = src.id WHERE src.key = 'camera:' || ? ORDER BY s.id`;

interface Scan {
  readonly scanId: number;
  readonly sourceId: number;
  readonly recipeId: number;
}

/** The oldest shed frames that lie in a closed file, as many of them as that file holds. */
export const nextRepair: Operation<'repairs.next'> = (store) => {
  const { db } = store;
  const ledger = createShedLedger(store);
  const footage = createRepairFootage(store);
  const scans = db.prepare(scansOfCameraSql);
  const open = db
    .prepare(
      `SELECT frame FROM shed_frames INDEXED BY shed_frames_open
       WHERE scan_id = ? AND state = 'open' AND frame >= ? AND frame < ? ORDER BY frame LIMIT ?`,
    )
    .pluck();
  const sizeOf = db.prepare('SELECT width, height FROM sources WHERE id = ?');
  const recipeOf = db.prepare('SELECT model_id AS modelId, settings FROM recipes WHERE id = ?');

  const oldest = (cameraId: string, scanId: number, skip: ReadonlySet<string>): [number, CoveringFile] | null => {
    let fromMs = 0;
    for (;;) {
      const frame = ledger.oldestOpen(scanId, fromMs);
      if (frame === null) return null;
      const file = footage.covering(cameraId, frame);
      if (file?.state === 'closed' && !skip.has(file.file)) return [frame, file];
      const nextMs = file?.untilMs ?? footage.nextFrom(cameraId, frame);
      if (nextMs === null) return null;
      fromMs = Math.max(nextMs, frame + 1);
    }
  };

  return ({ cameraIds, skipFiles, limit }) => {
    const skip = new Set(skipFiles);
    let best: { cameraId: string; scan: Scan; frame: number; file: CoveringFile } | null = null;
    for (const cameraId of cameraIds) {
      for (const scan of scans.all(cameraId) as Scan[]) {
        const found = oldest(cameraId, scan.scanId, skip);
        if (found !== null && (best === null || found[0] < best.frame)) {
          best = { cameraId, scan, frame: found[0], file: found[1] };
        }
      }
    }
    if (best === null) return null;
    const { cameraId, scan, frame, file } = best;
    const recipe = recipeOf.get(scan.recipeId) as { modelId: string; settings: string };
    const { width, height } = sizeOf.get(scan.sourceId) as { width: number | null; height: number | null };
    const piece: RepairPiece = {
      cameraId,
      sourceId: scan.sourceId,
      recipeId: scan.recipeId,
      modelId: recipe.modelId,
      settings: JSON.parse(recipe.settings) as RecipeSettings,
      file: file.file,
      startMs: file.startMs,
      pixels: width === null || height === null ? null : { width, height },
      frames: open.all(scan.scanId, frame, file.untilMs ?? Number.MAX_SAFE_INTEGER, limit) as number[],
    };
    return piece;
  };
};
