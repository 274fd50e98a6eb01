import type { ItemState } from '../../shared/domain/job.ts';
import { shedCounts } from '../../shared/domain/repair.ts';
import type { CoverageRow } from '../../shared/domain/report.ts';
import type { VideoSpan } from '../../shared/domain/video-sampling.ts';
import type { StoredRepairCount } from '../operations.ts';
import type { Operation } from '../store-context.ts';
import { msPerMinute } from '../stored-numbers.ts';
import { createCameraWindow } from './camera-window.ts';
import { createScopeResolver } from './report-scope.ts';

/**
 * One row a file. Over all jobs: one a path and content under a recipe (as its newest item knows it, which max(id)
 * makes the bare columns mean), and one for a path whose content nobody has read yet.
 */
const coverageItems = (items: number | 'all'): string =>
  items === 'all'
    ? `SELECT path, scan_id, kind, state, NULL AS list_id, max(id) FROM items o
       WHERE scan_id IS NOT NULL
         OR NOT EXISTS (SELECT 1 FROM items i WHERE i.path = o.path AND i.scan_id IS NOT NULL)
       GROUP BY path, scan_id ORDER BY path, scan_id`
    : `SELECT path, scan_id, kind, state, list_id FROM items WHERE job_pk = ${items} ORDER BY path`;

export const coverageCountSql = (items: number | 'all'): string =>
  items === 'all'
    ? `SELECT count(*) FROM (${coverageItems(items)})`
    : `SELECT total FROM job_counts WHERE job_pk = ${items}`;

export const coveragePageSql = (items: number | 'all'): string =>
  `SELECT c.path AS source, c.list_id AS id, c.kind, c.state, c.scan_id AS scanId, coalesce(s.frames, 0) AS frames,
     (SELECT coalesce(sum(frames), 0) FROM inherited WHERE scan_id = c.scan_id) AS inherited,
     json_extract(r.settings, '$.span') AS span, src.key || r.model_sha256 || r.settings_hash AS identity
   FROM (${coverageItems(items)} LIMIT ? OFFSET ?) c
     LEFT JOIN scans s ON s.id = c.scan_id LEFT JOIN sources src ON src.id = s.source_id
     LEFT JOIN recipes r ON r.id = s.recipe_id`;

interface FoundCoverage {
  readonly source: string;
  readonly id: string | null;
  readonly kind: 'picture' | 'video';
  readonly state: ItemState;
  readonly scanId: number | null;
  readonly frames: number;
  readonly inherited: number;
  /** JSON. */
  readonly span: string | null;
  readonly identity: string | null;
}

/** Rows of one path in the order of what was looked at and how: row ids differ between data folders. */
function inOrder(rows: readonly FoundCoverage[]): FoundCoverage[] {
  let path = 0;
  const placed = rows.map((row, index) => {
    if (row.source !== rows[index - 1]?.source) path = index;
    return { row, path, identity: row.identity ?? '' };
  });
  placed.sort((a, b) => a.path - b.path || (a.identity < b.identity ? -1 : 1));
  return placed.map(({ row }) => row);
}

/** Items in order of path, then cameras in order of name. */
export const reportCoverage: Operation<'report.coverage'> = (store) => {
  const resolve = createScopeResolver(store);
  const cameras = createCameraWindow(store);
  const ranges = store.db.prepare('SELECT start, "end" FROM looked WHERE scan_id = ? ORDER BY start');
  const rangesWithin = store.db.prepare(
    `SELECT max(start, :sinceMs) AS start, min("end" - 1, :untilMs) AS "end" FROM looked
     WHERE scan_id = :scanId AND start <= :untilMs AND "end" > :sinceMs ORDER BY start`,
  );
  const inheritedWithin = store.db
    .prepare(
      'SELECT coalesce(sum(frames), 0) FROM inherited WHERE scan_id = :scanId AND start BETWEEN :sinceMs AND :untilMs',
    )
    .pluck();
  const shedWithin = store.db.prepare(
    `SELECT state, why, sum(frames) AS frames, sum(boxes) AS boxes FROM shed_minutes
     WHERE scan_id = :scanId AND minute BETWEEN :first AND :last GROUP BY state, why`,
  );
  const pairs = (rows: unknown[]): [number, number][] =>
    (rows as { start: number; end: number }[]).map(({ start, end }) => [start, end]);

  return ({ scope, offset, limit }) => {
    const { items, cameraScans, ...window } = resolve(scope);
    const itemTotal =
      items === null ? 0 : ((store.statement(coverageCountSql(items)).pluck().get() as number | undefined) ?? 0);
    const rows: CoverageRow[] = [];
    if (items !== null && offset < itemTotal) {
      const found = store.statement(coveragePageSql(items)).all(limit, offset) as FoundCoverage[];
      for (const { source, id, kind, state, scanId, frames, inherited, span } of inOrder(found)) {
        rows.push({
          source,
          ...(id === null ? {} : { id }),
          kind,
          frames,
          inherited,
          ranges: scanId === null ? [] : pairs(ranges.all(scanId)),
          state: state === 'pending' ? 'partial' : state,
          ...(span === null ? {} : { span: JSON.parse(span) as VideoSpan }),
        });
      }
    }
    const firstCamera = Math.max(0, offset - itemTotal);
    for (const { name, scanId } of cameraScans.slice(firstCamera, firstCamera + limit - rows.length)) {
      const first = Math.floor(window.sinceMs / msPerMinute);
      const last = Math.floor(window.untilMs / msPerMinute);
      const shed = shedCounts(shedWithin.all({ scanId, first, last }) as StoredRepairCount[]);
      rows.push({
        source: name,
        kind: 'camera',
        frames: cameras.frames(scanId, window),
        inherited: inheritedWithin.get({ scanId, sinceMs: window.sinceMs, untilMs: window.untilMs }) as number,
        ranges: pairs(rangesWithin.all({ scanId, sinceMs: window.sinceMs, untilMs: window.untilMs })),
        state: 'done',
        ...(shed.shed === 0 ? {} : { shed }),
      });
    }
    return { total: itemTotal + cameraScans.length, rows };
  };
};
