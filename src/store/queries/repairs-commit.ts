import { inTransaction } from '../in-transaction.ts';
import { createLookedRanges } from '../looked-ranges.ts';
import { findScan } from '../scans.ts';
import { createShedLedger } from '../shed-ledger.ts';
import { createSourceCommitter } from '../source-committer.ts';
import type { Operation } from '../store-context.ts';

/**
 * Results of shed frames and their mark in the ledger, in one transaction: the ledger is the cursor. A frame that is not
 * open any more is left out with all that was found in it, so whoever repairs it twice changes nothing.
 *
 * Whether a frame was looked at cannot be told from the ranges here: a live camera joins its stretches over a frame or two
 * that it left out.
 */
export const commitRepairs: Operation<'repairs.commit'> = (store) => {
  const { db } = store;
  const scans = findScan(store);
  const sources = createSourceCommitter(store);
  const ledger = createShedLedger(store);
  const looked = createLookedRanges(store);
  const hasBoxes = db.prepare('SELECT 1 FROM detections WHERE scan_id = ? AND frame = ? LIMIT 1');

  /** So that a stretch has no hole where all its frames were looked at, sooner or later. */
  const join = (scanId: number, frame: number, joinsMs: number): void => {
    const around = looked.around(scanId, [frame - joinsMs, frame + 1 + joinsMs]);
    const own = around.find(([start, end]) => start <= frame && frame < end);
    const before = around.filter(([, end]) => end <= frame).pop();
    const after = around.find(([start]) => start > frame);
    const from = before?.[1] ?? own?.[0] ?? frame;
    const to = after?.[0] ?? own?.[1] ?? frame + 1;
    looked.add(scanId, [from, to]);
  };

  return inTransaction(db, ({ commits, lost, joinsMs, atMs }) => {
    let newFrames = 0;
    let newDetections = 0;
    let repaired = 0;
    for (const commit of commits) {
      const scanId = scans.ensure(commit.sourceId, commit.recipeId);
      const { timesMs, counts } = commit.rows;
      const boxes = new Map<number, number>();
      timesMs.forEach((timeMs, row) => {
        const frame = Math.round(timeMs);
        if (ledger.isOpen(scanId, frame)) boxes.set(frame, counts[row] as number);
      });
      // A clock that was set back may have brought the same millisecond twice: what it holds stays.
      const isKnown = (frame: number): boolean => !boxes.has(frame) || hasBoxes.get(scanId, frame) !== undefined;
      const receipt = sources.commit([commit], isKnown);
      newFrames += receipt.newFrames;
      newDetections += receipt.newDetections;
      for (const [frame, count] of [...boxes].sort(([a], [b]) => a - b)) {
        ledger.settle(scanId, frame, { state: 'repaired', boxes: count }, atMs);
        join(scanId, frame, joinsMs);
        repaired += 1;
      }
    }
    for (const { sourceId, recipeId, frames, why } of lost) {
      const scanId = scans.ensure(sourceId, recipeId);
      for (const frame of frames) ledger.settle(scanId, frame, { state: 'lost', why }, atMs);
    }
    return { newFrames, newDetections, repaired };
  });
};
