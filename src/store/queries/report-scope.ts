import type { ReportScope } from '../../shared/domain/report.ts';
import type { SourceKind, StoreContext } from '../store-context.ts';

/** What a report's scope means: which items and which cameras' scans, and for cameras which time. */
export interface ResolvedScope {
  /** A job's key, `'all'` jobs, or no items at all. */
  readonly items: number | 'all' | null;
  /** Scans of the cameras in scope, in order of name. */
  readonly cameraScans: readonly CameraScan[];
  /** Cameras only: whole milliseconds, both inclusive. */
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly wholeTime: boolean;
}

export interface CameraScan {
  readonly name: string;
  readonly scanId: number;
  readonly recipeId: number;
  readonly kind: SourceKind;
}

/** The last millisecond a Date can name; every stored time is smaller. */
const endOfTime = 8.64e15;

/** A job's items, a camera, both, or (with neither) everything. Unknown ids give an empty scope. */
export function createScopeResolver(store: StoreContext): (scope: ReportScope) => ResolvedScope {
  const select = store.db.prepare(
    `SELECT coalesce(c.name, substr(src.key, 8)) AS name, s.id AS scanId, s.recipe_id AS recipeId, src.kind
     FROM sources src JOIN scans s ON s.source_id = src.id LEFT JOIN cameras c ON c.id = substr(src.key, 8)
     WHERE src.kind = 'camera' AND (:cameraId IS NULL OR src.key = 'camera:' || :cameraId)
     ORDER BY name, s.source_id, s.recipe_id`,
  );
  return ({ jobId, cameraId, sinceMs, untilMs }) => ({
    items: jobId !== null ? store.jobPk(jobId) : cameraId === null ? 'all' : null,
    cameraScans: cameraId !== null || jobId === null ? (select.all({ cameraId }) as CameraScan[]) : [],
    sinceMs: sinceMs === null ? 0 : Math.ceil(sinceMs),
    untilMs: untilMs === null ? endOfTime : Math.floor(untilMs),
    wholeTime: sinceMs === null && untilMs === null,
  });
}

/** Text for a FROM clause: (name, scan_id) of the items in scope, each pair once. */
export const heldScans = (items: number | 'all'): string =>
  items === 'all'
    ? '(SELECT DISTINCT path AS name, scan_id FROM items WHERE scan_id IS NOT NULL)'
    : `(SELECT path AS name, scan_id FROM items WHERE job_pk = ${items} AND scan_id IS NOT NULL)`;
