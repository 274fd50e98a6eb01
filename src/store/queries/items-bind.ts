import { createArchiveTally } from '../archive-tally.ts';
import { createLookedRanges } from '../looked-ranges.ts';
import { findScan } from '../scans.ts';
import { notFound, type Operation } from '../store-context.ts';
import { ensureSource } from './identities.ts';
import { inLazyTransaction } from '../in-transaction.ts';

interface ItemToBind {
  readonly jobPk: number;
  readonly path: string;
  readonly scanId: number | null;
}

/**
 * The item then shares whatever is known about its content: the same file under another path or in another job is done
 * at once. A video counts as complete only where somebody has read it to its end, never by an estimated length.
 */
export const bindItem: Operation<'items.bind'> = (store) => {
  const { db } = store;
  const sourceIdOf = ensureSource(store);
  const scans = findScan(store);
  const looked = createLookedRanges(store);
  const archive = createArchiveTally(store);
  const select = db.prepare('SELECT job_pk AS jobPk, path, scan_id AS scanId FROM items WHERE id = ?');
  const totalFrames = db.prepare('SELECT total_frames FROM scans WHERE id = ?').pluck();
  const bind = db.prepare(
    'UPDATE items SET scan_id = ?, cursor = ?, expected_frames = coalesce(?, expected_frames) WHERE id = ?',
  );
  const finish = db.prepare(
    `UPDATE items SET scan_id = ?, cursor = ?, expected_frames = ?, state = 'done', failure_kind = NULL,
       failure_reason = NULL WHERE id = ?`,
  );
  const stamp = db.prepare('UPDATE items SET found_run = ? WHERE id = ?');
  return inLazyTransaction(db, ({ itemId, source, recipeId, expectedFrames, run }) => {
    const item = select.get(itemId) as ItemToBind | undefined;
    if (item === undefined) throw notFound('item', itemId);
    if (run !== undefined) stamp.run(run, itemId);
    store.recipe(recipeId);
    const { sourceId } = sourceIdOf(source);
    const scanId = scans.ensure(sourceId, recipeId);
    if (item.scanId !== scanId) {
      const holder = { id: itemId, jobPk: item.jobPk, path: item.path };
      if (item.scanId !== null) archive.letGo(holder, item.scanId);
      archive.hold(holder, scanId);
    }
    const cursor = looked.coveredFromStart(scanId);
    const length = source.kind === 'picture' ? 1 : (totalFrames.get(scanId) as number | null);
    const complete = length !== null && cursor >= length;
    if (complete) finish.run(scanId, length, length, itemId);
    else bind.run(scanId, cursor, length ?? expectedFrames, itemId);
    return { sourceId, cursor: complete ? length : cursor, complete };
  });
};
