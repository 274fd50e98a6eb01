import type { GapReason } from '../../shared/domain/recording.ts';
import { inTransaction } from '../in-transaction.ts';
import type { StoredSegment } from '../operations.ts';
import type { Operation } from '../store-context.ts';
import { segmentColumns } from './recording-segments.ts';
import { longestSegmentMs } from './recording-totals.ts';

export const segmentsInRangeSql = `SELECT ${segmentColumns} FROM recording_segments
  WHERE camera_id = @cameraId AND start_ms >= @fromMs - ${String(longestSegmentMs)} AND start_ms < @toMs
    AND coalesce(end_ms, @toMs) > @fromMs AND state <> 'leaving'
  ORDER BY start_ms LIMIT @limit`;

const gapsSql = `SELECT from_ms AS fromMs, to_ms AS toMs, reason FROM recording_gaps
  WHERE camera_id = @cameraId AND from_ms < @toMs AND coalesce(to_ms, @toMs) > @fromMs ORDER BY from_ms`;
const keptSql = `SELECT from_ms AS fromMs, to_ms AS toMs FROM recording_kept
  WHERE camera_id = @cameraId AND from_ms < @toMs AND to_ms > @fromMs ORDER BY from_ms`;

export const recordedRange: Operation<'recordings.range'> = ({ db }) => {
  const segments = db.prepare(segmentsInRangeSql);
  const gaps = db.prepare(gapsSql);
  const kept = db.prepare(keptSql);
  return ({ cameraId, fromMs, toMs, limit }) => ({
    segments: segments.all({ cameraId, fromMs, toMs, limit }) as StoredSegment[],
    gaps: gaps.all({ cameraId, fromMs, toMs }) as { fromMs: number; toMs: number | null; reason: GapReason }[],
    kept: kept.all({ cameraId, fromMs, toMs }) as { fromMs: number; toMs: number }[],
  });
};

/** Answered from the index alone: a week is ten thousand files. */
export const closedStretchesSql = `SELECT start_ms, end_ms FROM recording_segments
  WHERE camera_id = @cameraId AND start_ms >= @fromMs - ${String(longestSegmentMs)} AND start_ms < @toMs
    AND end_ms > @fromMs AND state = 'closed' ORDER BY start_ms`;

export const recordedStretches: Operation<'recordings.stretches'> = ({ db }) => {
  const closed = db.prepare(closedStretchesSql).raw();
  const open = db.prepare(
    `SELECT file, start_ms AS startMs FROM recording_segments
     WHERE state = 'open' AND camera_id = @cameraId AND start_ms < @toMs ORDER BY start_ms`,
  );
  const gaps = db.prepare(gapsSql);
  const kept = db.prepare(keptSql);
  return ({ cameraId, fromMs, toMs, meetsMs }) => {
    const range = { cameraId, fromMs, toMs };
    const stretches: { fromMs: number; toMs: number }[] = [];
    for (const [startMs, endMs] of closed.iterate(range) as IterableIterator<[number, number]>) {
      const last = stretches[stretches.length - 1];
      if (last !== undefined && startMs - last.toMs <= meetsMs) last.toMs = Math.max(last.toMs, endMs);
      else stretches.push({ fromMs: startMs, toMs: endMs });
    }
    return {
      stretches,
      open: open.all({ cameraId, toMs }) as { file: string; startMs: number }[],
      gaps: gaps.all(range) as { fromMs: number; toMs: number | null; reason: GapReason }[],
      kept: kept.all(range) as { fromMs: number; toMs: number }[],
    };
  };
};

/** Before anything was noted of a camera it was not recorded. A camera has at most one gap that goes on. It ends here, and another one begins unless the reason is null. */
export const noteGap: Operation<'recordings.gap'> = ({ db }) => {
  const current = db.prepare(
    'SELECT id, from_ms AS fromMs, reason FROM recording_gaps WHERE camera_id = ? AND to_ms IS NULL',
  );
  const end = db.prepare('UPDATE recording_gaps SET to_ms = ? WHERE id = ?');
  const drop = db.prepare('DELETE FROM recording_gaps WHERE id = ?');
  const known = db.prepare('SELECT 1 FROM recording_gaps WHERE camera_id = ? LIMIT 1');
  const before = db.prepare(`INSERT INTO recording_gaps (camera_id, from_ms, to_ms, reason) VALUES (?, 0, ?, 'off')`);
  const begin = db.prepare('INSERT INTO recording_gaps (camera_id, from_ms, to_ms, reason) VALUES (?, ?, NULL, ?)');
  return inTransaction(db, ({ cameraId, atMs: at, reason }) => {
    const atMs = Math.round(at);
    if (known.get(cameraId) === undefined && atMs > 0) before.run(cameraId, atMs);
    const going = current.get(cameraId) as { id: number; fromMs: number; reason: GapReason } | undefined;
    if (going !== undefined) {
      if (going.reason === reason) return;
      if (atMs <= going.fromMs) drop.run(going.id);
      else end.run(atMs, going.id);
    }
    if (reason !== null) begin.run(cameraId, atMs, reason);
  });
};

/** The camera's kept stretches become these. */
export const setKept: Operation<'recordings.setKept'> = ({ db }) => {
  const clear = db.prepare('DELETE FROM recording_kept WHERE camera_id = ?');
  const insert = db.prepare('INSERT INTO recording_kept (camera_id, from_ms, to_ms) VALUES (?, ?, ?)');
  return inTransaction(db, ({ cameraId, stretches }) => {
    clear.run(cameraId);
    for (const { fromMs, toMs } of stretches) insert.run(cameraId, Math.floor(fromMs), Math.ceil(toMs));
  });
};

export const listKept: Operation<'recordings.kept'> = ({ db }) => {
  const select = db.prepare(
    'SELECT from_ms AS fromMs, to_ms AS toMs FROM recording_kept WHERE camera_id = ? ORDER BY from_ms',
  );
  return ({ cameraId }) => select.all(cameraId) as { fromMs: number; toMs: number }[];
};
