import type { StoreContext } from './store-context.ts';
import { msPerMinute } from './stored-numbers.ts';

export type ShedEnd =
  { readonly state: 'repaired'; readonly boxes: number } | { readonly state: 'lost'; readonly why: string };

/** Keeps each shed frame and the counts by minute in step. A frame is open until it is settled, once. */
export interface ShedLedger {
  /** Of a frame that is known already nothing changes. */
  readonly add: (scanId: number, frame: number) => void;
  readonly isOpen: (scanId: number, frame: number) => boolean;
  /** False: it was settled before, or is not known. */
  readonly settle: (scanId: number, frame: number, end: ShedEnd, atMs: number) => boolean;
  /** The first open frame from this one on; null: there is none. */
  readonly oldestOpen: (scanId: number, fromFrame: number) => number | null;
  readonly openCount: (scanId: number) => number;
  /** Scans with open frames, of all cameras. */
  readonly openScans: () => readonly { readonly scanId: number; readonly cameraId: string }[];
}

export function createShedLedger({ db }: StoreContext): ShedLedger {
  const insert = db.prepare(
    `INSERT INTO shed_frames (scan_id, frame, state) VALUES (?, ?, 'open') ON CONFLICT (scan_id, frame) DO NOTHING`,
  );
  const isOpen = db.prepare(`SELECT 1 FROM shed_frames WHERE scan_id = ? AND frame = ? AND state = 'open'`);
  const close = db.prepare(
    `UPDATE shed_frames SET state = ?, settled_ms = ?, why = ? WHERE scan_id = ? AND frame = ? AND state = 'open'`,
  );
  const count = db.prepare(
    `INSERT INTO shed_minutes (scan_id, minute, state, why, frames, boxes) VALUES (?, ?, ?, ?, 1, ?)
     ON CONFLICT DO UPDATE SET frames = frames + 1, boxes = boxes + excluded.boxes`,
  );
  const discount = db.prepare(
    `UPDATE shed_minutes SET frames = frames - 1 WHERE scan_id = ? AND minute = ? AND state = 'open' AND why = ''`,
  );
  const dropEmpty = db.prepare(
    `DELETE FROM shed_minutes WHERE scan_id = ? AND minute = ? AND state = 'open' AND why = '' AND frames = 0`,
  );
  const oldest = db
    .prepare(
      `SELECT min(frame) FROM shed_frames INDEXED BY shed_frames_open
       WHERE scan_id = ? AND state = 'open' AND frame >= ?`,
    )
    .pluck();
  const openCount = db
    .prepare(`SELECT coalesce(sum(frames), 0) FROM shed_minutes WHERE scan_id = ? AND state = 'open'`)
    .pluck();
  const openScans = db.prepare(
    `SELECT s.id AS scanId, substr(src.key, 8) AS cameraId
     FROM (SELECT DISTINCT scan_id FROM shed_minutes WHERE state = 'open') m
       JOIN scans s ON s.id = m.scan_id JOIN sources src ON src.id = s.source_id ORDER BY s.id`,
  );
  const minuteOf = (frame: number): number => Math.floor(frame / msPerMinute);
  return {
    add: (scanId, frame) => {
      if (insert.run(scanId, frame).changes > 0) count.run(scanId, minuteOf(frame), 'open', '', 0);
    },
    isOpen: (scanId, frame) => isOpen.get(scanId, frame) !== undefined,
    settle: (scanId, frame, end, atMs) => {
      const [why, boxes] = end.state === 'lost' ? [end.why, 0] : [null, end.boxes];
      if (close.run(end.state, Math.round(atMs), why, scanId, frame).changes === 0) return false;
      const minute = minuteOf(frame);
      discount.run(scanId, minute);
      dropEmpty.run(scanId, minute);
      count.run(scanId, minute, end.state, why ?? '', boxes);
      return true;
    },
    oldestOpen: (scanId, fromFrame) => oldest.get(scanId, fromFrame) as number | null,
    openCount: (scanId) => openCount.get(scanId) as number,
    openScans: () => openScans.all() as { scanId: number; cameraId: string }[],
  };
}
