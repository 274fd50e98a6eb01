import Database from 'better-sqlite3';
import { expectedRow, footageIndex } from './expected-results.ts';

interface ItemRow {
  readonly path: string;
  readonly cursor: number;
  readonly scanId: number;
}

/**
 * Judges a database that a kill left behind: exactly the results of all frames below each cursor, no other rows, every
 * acknowledged commit, totals that agree with the rows, and a sound file. Answers what is wrong, in words. `unfinished`
 * looks only at the items that a kill can have cut: cheap enough for every kill, before a restart mends anything.
 */
export function judgeResults(
  file: string,
  acknowledged: ReadonlyMap<number, number>,
  which: 'all' | 'unfinished' = 'all',
): string[] {
  const wrong: string[] = [];
  const db = new Database(file);
  try {
    const integrity = which === 'all' ? db.pragma('integrity_check', { simple: true }) : 'ok';
    if (integrity !== 'ok') wrong.push(`integrity_check: ${String(integrity)}`);
    const items = db
      .prepare(
        `SELECT path, cursor, scan_id AS scanId FROM items
         WHERE scan_id IS NOT NULL ${which === 'all' ? '' : "AND state = 'pending'"}`,
      )
      .all() as ItemRow[];
    const stored = db.prepare(
      'SELECT frame, count(*) AS count, sum(x + y) AS place FROM detections WHERE scan_id = ? GROUP BY frame',
    );
    const looked = db.prepare('SELECT start, "end" FROM looked WHERE scan_id = ?');
    const cursors = new Map<number, number>();
    let expectedTotal = 0;
    for (const { path, cursor, scanId } of items) {
      const index = footageIndex(path);
      cursors.set(index, cursor);
      const rows = new Map(
        (stored.all(scanId) as { frame: number; count: number; place: number }[]).map((row) => [row.frame, row]),
      );
      for (let frame = 0; frame < cursor; frame++) {
        const { detections } = expectedRow(index, frame);
        const row = rows.get(frame);
        rows.delete(frame);
        expectedTotal += detections.length;
        const place = detections.reduce((sum, { box }) => sum + Math.round((box[0] + box[1]) * 100), 0);
        if ((row?.count ?? 0) !== detections.length || (row?.place ?? 0) !== place) {
          wrong.push(`${path} frame ${frame}: ${row?.count ?? 0} boxes, expected ${detections.length}`);
        }
      }
      for (const frame of rows.keys()) wrong.push(`${path} frame ${frame}: boxes at or after the cursor ${cursor}`);
      const ranges = (looked.all(scanId) as { start: number; end: number }[]).map(({ start, end }) => [start, end]);
      const expectedRanges = cursor === 0 ? [] : [[0, cursor]];
      if (JSON.stringify(ranges) !== JSON.stringify(expectedRanges)) {
        wrong.push(`${path}: looked at ${JSON.stringify(ranges)}, cursor ${cursor}`);
      }
    }
    if (which === 'unfinished') return wrong;
    for (const [index, cursor] of acknowledged) {
      if ((cursors.get(index) ?? 0) < cursor) wrong.push(`clip ${index}: acknowledged to ${cursor} and lost`);
    }
    const totals = db
      .prepare(
        `SELECT (SELECT count(*) FROM detections) AS boxes, (SELECT detections FROM store_counts) AS store,
           (SELECT total(detections) FROM scans) AS scans, (SELECT total(count) FROM scan_tally) AS tally,
           (SELECT total(count) FROM scan_slots) AS slots,
           (SELECT total(held) FROM archive_tally WHERE job_pk = 0) AS archive,
           (SELECT total(detections) FROM job_counts) AS jobs`,
      )
      .get() as Record<string, number>;
    for (const [name, total] of Object.entries(totals)) {
      if (total !== expectedTotal) wrong.push(`${name} says ${total} boxes, expected ${expectedTotal}`);
    }
  } finally {
    db.close();
  }
  return wrong;
}
