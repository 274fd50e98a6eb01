import type { ItemFailure } from '../../shared/domain/job.ts';
import { wholeArchive } from '../archive-tally.ts';
import { LabelCounts } from '../label-filter.ts';
import type { Operation } from '../store-context.ts';
import { createCameraWindow } from './camera-window.ts';
import { coverageCountSql } from './report-coverage.ts';
import { createScopeResolver, heldScans } from './report-scope.ts';

/** Classes come from the tallies; nothing here reads detections but a camera's hours that the scope cuts. */
export const reportTotals: Operation<'report.totals'> = (store) => {
  const { db } = store;
  const resolve = createScopeResolver(store);
  const cameras = createCameraWindow(store);
  const jobCounts = db.prepare('SELECT frames FROM job_counts WHERE job_pk = ?').pluck();
  const allFrames = db
    .prepare(`SELECT coalesce(sum(s.frames), 0) FROM ${heldScans('all')} held JOIN scans s ON s.id = held.scan_id`)
    .pluck();
  const byClass = db.prepare(
    `SELECT recipe_id AS recipeId, class_index AS classIndex, sum(listed) AS count FROM archive_tally
     WHERE job_pk = ? GROUP BY recipe_id, class_index`,
  );
  return (scope) => {
    const { items, cameraScans, ...window } = resolve(scope);
    const counts = new LabelCounts(store);
    let sources = cameraScans.length;
    let frames = 0;
    let failures: ItemFailure[] = [];
    if (items !== null) {
      sources += store.statement(coverageCountSql(items)).pluck().get() as number;
      frames += (items === 'all' ? allFrames.get() : jobCounts.get(items)) as number;
      const rows = byClass.all(items === 'all' ? wholeArchive : items);
      for (const row of rows as { recipeId: number; classIndex: number; count: number }[]) {
        counts.add(row.recipeId, row.classIndex, row.count);
      }
      failures = store.statement(failuresSql(items)).all() as ItemFailure[];
    }
    for (const { scanId, recipeId } of cameraScans) {
      frames += cameras.frames(scanId, window);
      for (const { classIndex, count } of cameras.classes(scanId, window)) counts.add(recipeId, classIndex, count);
    }
    return { sources, frames, detections: counts.total(), byClass: counts.byLabel(), failures };
  };
};

/** A path that failed in several jobs is listed once, as it failed last (a bare column of max() is from its row). */
const failuresSql = (items: number | 'all'): string =>
  `SELECT path, coalesce(failure_kind, 'unreadable') AS kind, coalesce(failure_reason, '') AS reason
     ${items === 'all' ? ', max(id)' : ''}
   FROM items WHERE state IN ('failed', 'quarantined', 'missing')
     ${items === 'all' ? 'GROUP BY path' : `AND job_pk = ${items}`} ORDER BY path`;
