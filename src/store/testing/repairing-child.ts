import { writeSync } from 'node:fs';
import type { RepairPiece } from '../operations.ts';
import { openFolder } from './store-fixture.ts';
import { repairedRow } from './shed-night.ts';

/**
 * Repairs what is open, a few frames a commit, until it is killed or nothing is left: `node repairing-child.ts FOLDER`. Prints
 * how many frames each acknowledged commit repaired.
 */
const [folder = ''] = process.argv.slice(2);
process.stdin.on('end', () => process.exit(1)).resume();
const store = await openFolder(folder);
for (;;) {
  const piece: RepairPiece | null = await store.call('repairs.next', { cameraIds: ['yard'], skipFiles: [], limit: 7 });
  if (piece === null) break;
  const { sourceId, recipeId, frames } = piece;
  const rows = frames.map(repairedRow);
  const looked = frames.map((frame) => [frame, frame] as const);
  const commits = [{ sourceId, recipeId, rows, looked }];
  const { repaired } = await store.call('repairs.commit', { commits, lost: [], joinsMs: 500, atMs: 1 });
  writeSync(1, `${String(repaired)}\n`);
}
await store.close();
process.exit(0);
