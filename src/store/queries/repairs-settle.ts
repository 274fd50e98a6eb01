import { inTransaction } from '../in-transaction.ts';
import { createRepairFootage } from '../repair-footage.ts';
import { createShedLedger } from '../shed-ledger.ts';
import type { Operation } from '../store-context.ts';

/** Frames marked in one call: the rest waits for the next. */
const mostAtOnce = 5_000;
/** A file that was never closed is not waited for any longer. */
const longestOpenMs = 86_400_000;

/** Frames that nobody will ever be able to repair are said to be so, and old settled ones forgotten. */
export const settleRepairs: Operation<'repairs.settle'> = (store) => {
  const { db } = store;
  const ledger = createShedLedger(store);
  const footage = createRepairFootage(store);
  const forget = db.prepare(
    `DELETE FROM shed_frames WHERE (scan_id, frame) IN (
       SELECT scan_id, frame FROM shed_frames WHERE scan_id = ? AND frame < ? AND state <> 'open' LIMIT ?)`,
  );
  const cameraScans = db
    .prepare(`SELECT s.id FROM sources src JOIN scans s ON s.source_id = src.id WHERE src.key = 'camera:' || ?`)
    .pluck();

  return inTransaction(db, ({ cameraIds, nowMs, waitMs, mostOpen, forgetBeforeMs }) => {
    const isThere = new Set(cameraIds);
    let marked = 0;
    let givenUp = 0;
    const lose = (scanId: number, frame: number, why: string): void => {
      if (ledger.settle(scanId, frame, { state: 'lost', why }, nowMs)) marked += 1;
    };
    for (const { scanId, cameraId } of ledger.openScans()) {
      const removed = !isThere.has(cameraId);
      let excess = ledger.openCount(scanId) - mostOpen;
      let fromMs = 0;
      while (marked < mostAtOnce) {
        const frame = ledger.oldestOpen(scanId, fromMs);
        if (frame === null) break;
        if (removed || excess > 0) {
          lose(scanId, frame, removed ? 'camera-removed' : 'backlog-full');
          if (!removed) givenUp += 1;
          excess -= 1;
          continue;
        }
        if (frame >= nowMs - waitMs) break;
        const file = footage.covering(cameraId, frame);
        if (file === null) lose(scanId, frame, footage.gapReason(cameraId, frame));
        else if (file.state === 'leaving') lose(scanId, frame, 'deleted');
        else if (file.state === 'open' && frame < nowMs - longestOpenMs) lose(scanId, frame, 'unreadable');
        else if (file.untilMs === null) break;
        else fromMs = Math.max(file.untilMs, frame + 1);
      }
    }
    for (const cameraId of cameraIds) {
      for (const scanId of cameraScans.all(cameraId) as number[]) forget.run(scanId, forgetBeforeMs, mostAtOnce);
    }
    return { marked, givenUp };
  });
};
