import type { ReportDetection } from '../../shared/domain/report.ts';
import { NightshiftError } from '../../shared/errors.ts';
import type { KnownRecipe, Operation, SourceKind, StoreContext } from '../store-context.ts';
import { createInheritedFrames } from '../inherited-frames.ts';
import { fromStoredBox, fromStoredScore, labelOf, nominalTimeUs } from '../stored-numbers.ts';
import { createScopeResolver, type CameraScan, type ResolvedScope } from './report-scope.ts';

/** A scan under a name: what a report's rows are read from. */
interface NamedScan extends CameraScan {
  /** Of its file in the list that names it; null or left out: nothing does. */
  readonly listId?: string | null;
  /** Frames in scope, both inclusive. */
  readonly from: number;
  readonly to: number;
}

/** The place of a row in the report: everything that decides its order. */
type Place = readonly [
  source: string,
  frame: number,
  label: string,
  x: number,
  y: number,
  w: number,
  h: number,
  score: number,
  scanId: number,
  ordinal: number,
];

interface StoredBox {
  readonly frame: number;
  readonly ordinal: number;
  readonly classIndex: number;
  readonly score: number;
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
  readonly lateUs: number;
}

interface PlacedRow {
  readonly place: Place;
  readonly row: ReportDetection;
}

/** Names whose scans are read together. A thousand pictures with two boxes each fill a usual page. */
const namesAPage = 256;

export const itemScansSql = (items: number | 'all'): string =>
  items === 'all'
    ? `SELECT DISTINCT i.path AS name, i.scan_id AS scanId, s.recipe_id AS recipeId, src.kind
       FROM items i CROSS JOIN scans s ON s.id = i.scan_id JOIN sources src ON src.id = s.source_id
       WHERE i.path >= :name AND (i.path, i.scan_id) > (:name, :scanId) AND s.detections > 0
       ORDER BY i.path, i.scan_id LIMIT ${namesAPage}`
    : `SELECT i.path AS name, i.scan_id AS scanId, s.recipe_id AS recipeId, src.kind, i.list_id AS listId
       FROM items i CROSS JOIN scans s ON s.id = i.scan_id JOIN sources src ON src.id = s.source_id
       WHERE i.job_pk = ${items} AND i.path >= :name AND (i.path, i.scan_id) > (:name, :scanId) AND s.detections > 0
       ORDER BY i.path LIMIT ${namesAPage}`;

/** Frame in which the page would be full, looking at one scan alone; nothing where the scan ends before. */
export const fullFrameSql = `SELECT frame FROM detections WHERE scan_id = ? AND frame BETWEEN ? AND ?
  ORDER BY frame, ordinal LIMIT 1 OFFSET ?`;

export const boxRowsSql = `SELECT frame, ordinal, class_index AS classIndex, score, x, y, w, h, late_us AS lateUs
  FROM detections WHERE scan_id = ? AND frame BETWEEN ? AND ? ORDER BY frame, ordinal`;

/**
 * Pages are found again by the place of their last row, so a page costs the same wherever it lies. Rows are in order
 * of source (bytes of its name), frame, label and box; scans that share a name are merged frame by frame.
 */
export const reportRows: Operation<'report.rows'> = (store) => {
  const resolve = createScopeResolver(store);
  const fullFrame = store.db.prepare(fullFrameSql).pluck();
  const boxes = store.db.prepare(boxRowsSql);
  const inherited = createInheritedFrames(store);

  /** The group's rows after `after`, whole frames, at least `wanted` of them where there are as many. */
  const rowsOf = (group: readonly NamedScan[], after: Place | null, wanted: number): PlacedRow[] => {
    const from = after?.[1] ?? 0;
    // The frame of `after` may have been given in part: what is left out must not count towards the page.
    let to = Infinity;
    for (const scan of group) {
      const frame = fullFrame.get(
        scan.scanId,
        Math.max(from + (after === null ? 0 : 1), scan.from),
        scan.to,
        wanted - 1,
      );
      if (frame !== undefined) to = Math.min(to, frame as number);
    }
    return group
      .flatMap((scan) => {
        const recipe = store.recipe(scan.recipeId);
        const span = [Math.max(from, scan.from), Math.min(to, scan.to)] as const;
        const found = boxes.all(scan.scanId, ...span) as StoredBox[];
        const isInherited = inherited.among(scan.scanId, found[0]?.frame ?? 0, found[found.length - 1]?.frame ?? -1);
        return found.map((box) => placed(scan, recipe, scan.kind, box, isInherited(box.frame)));
      })
      .filter(({ place }) => after === null || compare(place, after) > 0)
      .sort((a, b) => compare(a.place, b.place));
  };

  return ({ scope, after, limit }) => {
    const resolved = resolve(scope);
    const rows: PlacedRow[] = [];
    let place = after === null ? null : parsePlace(after);
    for (const group of groups(store, resolved, place?.[0] ?? null)) {
      const within = place !== null && group[0]?.name === place[0] ? place : null;
      rows.push(...rowsOf(group, within, limit + 1 - rows.length));
      place = null;
      if (rows.length > limit) break;
    }
    const page = rows.slice(0, limit);
    const last = page[page.length - 1];
    return {
      rows: page.map(({ row }) => row),
      next: rows.length > limit && last !== undefined ? JSON.stringify(last.place) : null,
    };
  };
};

function placed(scan: NamedScan, recipe: KnownRecipe, kind: SourceKind, box: StoredBox, inherited: boolean): PlacedRow {
  const { frame, ordinal, x, y, w, h, score } = box;
  const label = labelOf(recipe, box.classIndex);
  return {
    place: [scan.name, frame, label, x, y, w, h, score, scan.scanId, ordinal],
    row: {
      source: scan.name,
      ...(scan.listId == null ? {} : { id: scan.listId }),
      frame,
      timeMs: (nominalTimeUs(kind, recipe, frame) + box.lateUs) / 1000,
      class: label,
      score: fromStoredScore(score),
      box: fromStoredBox(x, y, w, h),
      inherited,
    },
  };
}

/** Within one source: by number where both are numbers, by code unit otherwise. */
function compare(a: Place, b: Place): number {
  for (let i = 1; i < a.length; i++) {
    const left = a[i] as string | number;
    const right = b[i] as string | number;
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

function parsePlace(text: string): Place {
  try {
    const place: unknown = JSON.parse(text);
    if (Array.isArray(place) && place.length === 10) return place as unknown as Place;
  } catch {
    // Said below.
  }
  throw new NightshiftError({ kind: 'bad-input', message: 'The report page to go on from is not one of ours.' });
}

/** The order of SQLite's BINARY collation. */
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** Scans in scope that hold boxes, those of one name together, in order of name, from `firstName` on. */
function* groups(store: StoreContext, scope: ResolvedScope, firstName: string | null): Generator<NamedScan[]> {
  const cameras = scope.cameraScans
    .map((scan): NamedScan => ({ ...scan, from: scope.sinceMs, to: scope.untilMs }))
    .sort((a, b) => byBytes(a.name, b.name) || a.scanId - b.scanId)
    .filter(({ name }) => firstName === null || byBytes(name, firstName) >= 0);
  const items = itemScans(store, scope.items, firstName);

  let item = items.next();
  let camera = cameras.shift();
  let group: NamedScan[] = [];
  while (!item.done || camera !== undefined) {
    const takeCamera = item.done || (camera !== undefined && byBytes(camera.name, item.value.name) < 0);
    const scan = (takeCamera ? camera : item.value) as NamedScan;
    if (takeCamera) camera = cameras.shift();
    else item = items.next();
    if (group.length > 0 && group[0]?.name !== scan.name) {
      yield group;
      group = [];
    }
    group.push(scan);
  }
  if (group.length > 0) yield group;
}

function* itemScans(store: StoreContext, items: number | 'all' | null, firstName: string | null): Generator<NamedScan> {
  if (items === null) return;
  const select = store.statement(itemScansSql(items));
  let after = { name: firstName ?? '', scanId: -1 };
  for (;;) {
    const page = select.all(after) as Omit<NamedScan, 'from' | 'to'>[];
    for (const scan of page) yield { ...scan, from: 0, to: Number.MAX_SAFE_INTEGER };
    const last = page[page.length - 1];
    if (last === undefined || page.length < namesAPage) return;
    after = { name: last.name, scanId: last.scanId };
  }
}
