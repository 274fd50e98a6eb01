import type { StoreContext } from './store-context.ts';
import { joinSpans, type Span } from './ranges.ts';

/** Reads and joins the stretches of a scan that were looked at. */
export interface LookedRanges {
  /** Those that overlap or touch the span, in order. */
  readonly around: (scanId: number, span: Span) => Span[];
  readonly add: (scanId: number, span: Span) => void;
  /** End of the stretch that begins at 0; 0 where there is none. */
  readonly coveredFromStart: (scanId: number) => number;
}

export function createLookedRanges({ db }: StoreContext): LookedRanges {
  const before = db.prepare(
    'SELECT start, "end" FROM looked WHERE scan_id = ? AND start <= ? ORDER BY start DESC LIMIT 1',
  );
  const within = db.prepare(
    'SELECT start, "end" FROM looked WHERE scan_id = ? AND start > ? AND start <= ? ORDER BY start',
  );
  const remove = db.prepare('DELETE FROM looked WHERE scan_id = ? AND start = ?');
  const insert = db.prepare('INSERT INTO looked (scan_id, start, "end") VALUES (?, ?, ?)');
  const widen = db.prepare('UPDATE looked SET "end" = ? WHERE scan_id = ? AND start = ?');
  const fromStart = db.prepare('SELECT "end" FROM looked WHERE scan_id = ? AND start = 0').pluck();

  const around = (scanId: number, [start, end]: Span): Span[] => {
    const first = before.get(scanId, start) as { start: number; end: number } | undefined;
    const later = within.all(scanId, start, end) as { start: number; end: number }[];
    const rows = first !== undefined && first.end >= start ? [first, ...later] : later;
    return rows.map((row) => [row.start, row.end] as const);
  };
  return {
    around,
    add: (scanId, span) => {
      const touched = around(scanId, span);
      const only = touched[0];
      // The usual case: a stretch grows at its end.
      if (touched.length === 1 && only !== undefined && only[0] <= span[0]) {
        if (span[1] > only[1]) widen.run(span[1], scanId, only[0]);
        return;
      }
      for (const [start] of touched) remove.run(scanId, start);
      for (const [start, end] of joinSpans([...touched, span])) insert.run(scanId, start, end);
    },
    coveredFromStart: (scanId) => (fromStart.get(scanId) as number | undefined) ?? 0,
  };
}
