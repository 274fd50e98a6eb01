import type { Span } from './ranges.ts';
import type { StoreContext } from './store-context.ts';

/** Keeps which frames of a scan took the result of an earlier one, as stretches. */
export interface InheritedFrames {
  /** `fresh`: frames in order; those inside one of `spans` were looked at without a gap, and go on with what touches it. */
  readonly add: (
    scanId: number,
    spans: readonly Span[],
    fresh: readonly { readonly frame: number; readonly isInherited: boolean }[],
  ) => void;
  /** For frames asked about in ascending order, between the two (inclusive). */
  readonly among: (scanId: number, first: number, last: number) => (frame: number) => boolean;
}

interface Stretch {
  readonly start: number;
  readonly end: number;
}

export function createInheritedFrames({ db }: StoreContext): InheritedFrames {
  const before = db.prepare(
    'SELECT start, "end" FROM inherited WHERE scan_id = ? AND start < ? ORDER BY start DESC LIMIT 1',
  );
  const insert = db.prepare('INSERT INTO inherited (scan_id, start, "end", frames) VALUES (?, ?, ?, ?)');
  const widen = db.prepare('UPDATE inherited SET "end" = ?, frames = frames + ? WHERE scan_id = ? AND start = ?');
  const between = db.prepare(
    `SELECT start, "end" FROM inherited WHERE scan_id = :scanId AND start <= :last AND start >= coalesce(
       (SELECT max(start) FROM inherited WHERE scan_id = :scanId AND start <= :first), :first) ORDER BY start`,
  );

  /** `joinsFrom`: a stretch that reaches to here goes on. */
  const keep = (scanId: number, start: number, end: number, frames: number, joinsFrom: number): void => {
    const last = before.get(scanId, start) as Stretch | undefined;
    if (last !== undefined && last.end >= joinsFrom) widen.run(end, frames, scanId, last.start);
    else insert.run(scanId, start, end, frames);
  };
  return {
    add: (scanId, spans, fresh) => {
      if (!fresh.some(({ isInherited }) => isInherited)) return;
      for (const [from, to] of spans) {
        let joinsFrom = from;
        let start = 0;
        let end = 0;
        let frames = 0;
        for (const { frame, isInherited } of fresh) {
          if (frame < from || frame >= to) continue;
          if (isInherited) {
            if (frames === 0) start = frame;
            end = frame + 1;
            frames += 1;
            continue;
          }
          if (frames > 0) keep(scanId, start, end, frames, joinsFrom);
          frames = 0;
          // Only the first stretch of a span may go on with one from before it.
          joinsFrom = Infinity;
        }
        if (frames > 0) keep(scanId, start, end, frames, joinsFrom);
      }
    },
    among: (scanId, first, last) => {
      const stretches = first > last ? [] : (between.all({ scanId, first, last }) as Stretch[]);
      let at = 0;
      return (frame) => {
        for (let stretch = stretches[at]; stretch !== undefined; stretch = stretches[++at]) {
          if (frame < stretch.end) return frame >= stretch.start;
        }
        return false;
      };
    },
  };
}
