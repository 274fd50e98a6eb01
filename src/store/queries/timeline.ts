import type { ShedRecord } from '../../shared/domain/timeline.ts';
import { inLazyTransaction } from '../in-transaction.ts';
import type { LaneSecond } from '../operations.ts';
import type { Operation } from '../store-context.ts';

const keptSeconds = 86_400;
/** About 5 MB; a day of overload on a dozen cameras. */
const keptShedRecords = 50_000;

/** Seconds are added to what is there: a process that starts anew within the same second loses nothing of the old one. */
export const addTimeline: Operation<'timeline.add'> = ({ db }) => {
  const addSecond = db.prepare(
    `INSERT INTO lane_seconds VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (at_s) DO UPDATE SET
       live_ms = live_ms + excluded.live_ms,
       archive_ms = archive_ms + excluded.archive_ms,
       runs = runs + excluded.runs,
       largest_live = max(largest_live, excluded.largest_live),
       largest_archive = max(largest_archive, excluded.largest_archive),
       shed = shed + excluded.shed`,
  );
  const addShed = db.prepare('INSERT INTO shed_records (at_ms, step, camera, frames, why) VALUES (?, ?, ?, ?, ?)');
  // What lies in the future by more than a day was written under a clock that was wrong.
  const forgetBefore = db.prepare('DELETE FROM lane_seconds WHERE at_s < ?');
  const forgetAfter = db.prepare('DELETE FROM lane_seconds WHERE at_s > ?');
  const forgetShed = db.prepare('DELETE FROM shed_records WHERE at_ms < ? OR at_ms > ?');
  const forgetOldest = db.prepare('DELETE FROM shed_records WHERE id <= ?');
  return inLazyTransaction(db, ({ seconds, shed, nowMs }) => {
    for (const s of seconds) {
      addSecond.run(s.atS, s.liveMs, s.archiveMs, s.runs, s.largestLive, s.largestArchive, s.shed);
    }
    let newestId = 0;
    for (const { atMs, step, camera, frames, why } of shed) {
      newestId = Number(addShed.run(Math.round(atMs), step, camera, frames, why).lastInsertRowid);
    }
    const nowS = Math.floor(nowMs / 1000);
    forgetBefore.run(nowS - keptSeconds);
    forgetAfter.run(nowS + keptSeconds);
    forgetShed.run((nowS - keptSeconds) * 1000, (nowS + keptSeconds) * 1000);
    if (newestId > 0) forgetOldest.run(newestId - keptShedRecords);
  });
};

export const secondsSql = `SELECT CAST((at_s - @fromS) / @perBucket AS INTEGER) AS bucket, total(live_ms) AS liveMs,
    total(archive_ms) AS archiveMs, sum(runs) AS runs, max(largest_live) AS largestLive,
    max(largest_archive) AS largestArchive, sum(shed) AS shed
  FROM lane_seconds WHERE at_s >= @fromS AND at_s < @toS GROUP BY bucket`;
export const shedSql = `SELECT at_ms AS atMs, step, camera, frames, why FROM shed_records
  WHERE at_ms >= @fromMs AND at_ms < @toMs ORDER BY at_ms DESC LIMIT @most`;

export const readTimeline: Operation<'timeline.read'> = ({ db }) => {
  const seconds = db.prepare(secondsSql);
  const shed = db.prepare(shedSql);
  return ({ fromS, toS, perBucket, shedFromMs, shedToMs, mostShed }) => ({
    buckets: seconds.all({ fromS, toS, perBucket }) as ({ bucket: number } & Omit<LaneSecond, 'atS'>)[],
    shed: (shed.all({ fromMs: shedFromMs, toMs: shedToMs, most: mostShed }) as ShedRecord[]).reverse(),
  });
};
