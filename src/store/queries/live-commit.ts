import type { StoredEvent } from '../operations.ts';
import { createSourceCommitter } from '../source-committer.ts';
import type { Operation } from '../store-context.ts';
import { toStoredPixels, toStoredScore } from '../stored-numbers.ts';
import { savedTracksKey } from './live-tracks.ts';
import { inTransaction } from '../in-transaction.ts';
import { findScan } from '../scans.ts';
import { createShedLedger } from '../shed-ledger.ts';

/** A track's event is one row from its first commit to its last: it is found again by camera, start and track. */
export const commitLive: Operation<'live.commit'> = (store) => {
  const { db } = store;
  const sources = createSourceCommitter(store);
  const scans = findScan(store);
  const ledger = createShedLedger(store);
  const upsert = db
    .prepare(
      `INSERT INTO events (camera_id, source_id, recipe_id, class_index, track_id, start_ms, end_ms, best_ms, best_score,
         best_x, best_y, best_w, best_h, frames, width, height)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (camera_id, start_ms, track_id, recipe_id) DO UPDATE SET
         class_index = excluded.class_index, end_ms = excluded.end_ms, best_ms = excluded.best_ms,
         best_score = excluded.best_score, best_x = excluded.best_x, best_y = excluded.best_y,
         best_w = excluded.best_w, best_h = excluded.best_h, frames = excluded.frames, width = excluded.width,
         height = excluded.height
       RETURNING id`,
    )
    .pluck();
  const save = (event: StoredEvent): number =>
    upsert.get(
      event.cameraId,
      event.sourceId,
      event.recipeId,
      event.classIndex,
      event.trackId,
      Math.round(event.startMs),
      event.endMs === null ? null : Math.round(event.endMs),
      Math.round(event.bestMs),
      toStoredScore(event.bestScore),
      toStoredPixels(event.bestBox[0]),
      toStoredPixels(event.bestBox[1]),
      toStoredPixels(event.bestBox[2]),
      toStoredPixels(event.bestBox[3]),
      event.frames,
      event.width,
      event.height,
    ) as number;
  const keep = db.prepare('INSERT OR REPLACE INTO settings VALUES (?, ?)');
  const resize = db.prepare('UPDATE sources SET width = ?, height = ? WHERE id = ?');
  return inTransaction(db, ({ commits, events, tracks, shed }) => {
    if (tracks !== undefined) keep.run(savedTracksKey(tracks.cameraId), JSON.stringify(tracks.saved));
    const receipt = sources.commit(commits);
    if (shed !== undefined) {
      const scanId = scans.ensure(shed.sourceId, shed.recipeId);
      for (const frame of shed.frames) ledger.add(scanId, frame);
      if (shed.pixels !== null) resize.run(shed.pixels.width, shed.pixels.height, shed.sourceId);
    }
    return { ...receipt, eventIds: events.map(save) };
  });
};
