import { writeSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { databaseName } from '../client.ts';
import type { SourceCommit } from '../operations.ts';
import {
  expectedRow,
  footageContent,
  footageFile,
  footageFrames,
  footageIndex,
  footageRecipe,
} from './expected-results.ts';
import { job, openFolder } from './store-fixture.ts';

/**
 * Commits without end until it is killed: `node committing-child.ts FOLDER real|naive ITEMS`. Prints `INDEX CURSOR` after
 * each acknowledged commit. The naive writer is what the store must not be: rows and cursor in two transactions.
 */
const [folder, mode, itemCount] = process.argv.slice(2) as [string, 'real' | 'naive', string];
const acknowledge = (index: number, cursor: number): number => writeSync(1, `${index} ${cursor}\n`);
process.stdin.on('end', () => process.exit(1)).resume();

const batchOf = (index: number, from: number): number =>
  Math.min(footageFrames, from + 1 + ((index * 7 + from * 13) % 48));
const rowsOf = (index: number, from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => expectedRow(index, from + i));

const store = await openFolder(folder);
const { recipeId } = await store.call('recipes.ensure', footageRecipe);
await store.call('jobs.save', job('kill'));
await store.call('items.found', {
  jobId: 'kill',
  run: 1,
  items: Array.from({ length: Number(itemCount) }, (_, index) => footageFile(index)),
});
const naive = mode === 'naive' ? new Database(join(folder, databaseName)) : null;

for (;;) {
  const items = await store.call('items.page', { jobId: 'kill', states: ['pending'], afterId: 0, limit: 2 });
  if (items.length === 0) break;
  const bound = await Promise.all(
    items.map(async (item) => {
      const index = footageIndex(item.path);
      const source = footageContent(index);
      return {
        item,
        index,
        ...(await store.call('items.bind', { itemId: item.id, source, recipeId, expectedFrames: null })),
      };
    }),
  );
  // Two items share each flush, as the flushes of a job do.
  const cursors = bound.map(({ cursor }) => cursor);
  while (cursors.some((cursor) => cursor < footageFrames)) {
    const steps = bound.map(({ item, index, sourceId }, i) => {
      const from = cursors[i] ?? 0;
      return { item, index, sourceId, from, to: batchOf(index, from) };
    });
    const commits = steps.map(({ index, sourceId, from, to }): SourceCommit => ({
      sourceId,
      recipeId,
      rows: rowsOf(index, from, to),
      looked: [[from, to]],
    }));
    const done = { state: 'done', failureKind: null, failureReason: null } as const;
    const progress = steps.map(({ item, to }) => ({
      itemId: item.id,
      cursor: to,
      ended: to === footageFrames ? done : null,
      expectedFrames: null,
    }));
    if (naive === null) {
      await store.call('results.commit', { commits, items: progress });
    } else {
      await store.call('results.commit', { commits, items: [] });
      for (const { itemId, cursor, ended } of progress) {
        naive
          .prepare('UPDATE items SET cursor = ?, state = ? WHERE id = ?')
          .run(cursor, ended?.state ?? 'pending', itemId);
      }
    }
    steps.forEach(({ index, to }, i) => {
      cursors[i] = to;
      acknowledge(index, to);
    });
  }
}
await store.close();
