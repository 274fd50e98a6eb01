import type { ItemState } from '../../shared/domain/job.ts';
import type { CoverageRow } from '../../shared/domain/report.ts';
import type { Operation } from '../store-context.ts';
import { createCameraWindow } from './camera-window.ts';
import { createScopeResolver } from './report-scope.ts';

/**
 * One row a file. Over all jobs: one a path and content under a recipe (as its newest item knows it), and one for a
 * path whose content nobody has read yet.
 */
const coverageItems = (items: number | 'all'): string =>
  items === 'all'
    ? `(SELECT path, scan_id, kind, state, max(id) FROM items GROUP BY path, scan_id
        HAVING scan_id IS NOT NULL OR path NOT IN (SELECT i.path FROM items i WHERE i.scan_id IS NOT NULL))`
    : `(SELECT path, scan_id, kind, state FROM items WHERE job_pk = ${items})`;

export const coverageCountSql = (items: number | 'all'): string =>
  items === 'all'
    ? `SELECT count(*) FROM ${coverageItems(items)}`
    : `SELECT total FROM job_counts WHERE job_pk = ${items}`;

const coveragePageSql = (items: number | 'all'): string =>
  `SELECT c.path AS source, c.kind, c.state, c.scan_id AS scanId, coalesce(s.frames, 0) AS frames
   FROM ${coverageItems(items)} c LEFT JOIN scans s ON s.id = c.scan_id
   ORDER BY c.path, s.source_id, s.recipe_id LIMIT ? OFFSET ?`;

/** Items in order of path, then cameras in order of name. */
export const reportCoverage: Operation<'report.coverage'> = (store) => {
  const resolve = createScopeResolver(store);
  const cameras = createCameraWindow(store);
  const ranges = store.db.prepare('SELECT start, "end" FROM looked WHERE scan_id = ? ORDER BY start');
  const rangesWithin = store.db.prepare(
    `SELECT max(start, :sinceMs) AS start, min("end" - 1, :untilMs) AS "end" FROM looked
     WHERE scan_id = :scanId AND start <= :untilMs AND "end" > :sinceMs ORDER BY start`,
  );
  const pairs = (rows: unknown[]): [number, number][] =>
    (rows as { start: number; end: number }[]).map(({ start, end }) => [start, end]);

  return ({ scope, offset, limit }) => {
    const { items, cameraScans, ...window } = resolve(scope);
    const itemTotal =
      items === null ? 0 : ((store.statement(coverageCountSql(items)).pluck().get() as number | undefined) ?? 0);
    const rows: CoverageRow[] = [];
    if (items !== null && offset < itemTotal) {
      const found = store.statement(coveragePageSql(items)).all(limit, offset) as {
        source: string;
        kind: 'picture' | 'video';
        state: ItemState;
        scanId: number | null;
        frames: number;
      }[];
      for (const { source, kind, state, scanId, frames } of found) {
        rows.push({
          source,
          kind,
          frames,
          ranges: scanId === null ? [] : pairs(ranges.all(scanId)),
          state: state === 'pending' ? 'partial' : state,
        });
      }
    }
    const firstCamera = Math.max(0, offset - itemTotal);
    for (const { name, scanId } of cameraScans.slice(firstCamera, firstCamera + limit - rows.length)) {
      rows.push({
        source: name,
        kind: 'camera',
        frames: cameras.frames(scanId, window),
        ranges: pairs(rangesWithin.all({ scanId, sinceMs: window.sinceMs, untilMs: window.untilMs })),
        state: 'done',
      });
    }
    return { total: itemTotal + cameraScans.length, rows };
  };
};
