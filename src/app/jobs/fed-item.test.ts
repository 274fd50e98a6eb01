import { expect, test } from 'vitest';
import type { Ticket } from '../../shared/engine/protocol.ts';
import type { StoredItem } from '../../store/operations.ts';
import { FedItem } from './fed-item.ts';

const item: StoredItem = {
  id: 7,
  jobId: 'j',
  path: '/clip.mp4',
  kind: 'video',
  size: 1,
  mtimeMs: 1,
  state: 'pending',
  sourceId: null,
  recipeId: null,
  cursor: 0,
  expectedFrames: null,
  attempts: 0,
  failureKind: null,
  failureReason: null,
};
const ticket = (frame: number): Ticket => ({
  frameId: frame,
  lane: 'archive',
  source: '7',
  frame,
  timeMs: frame * 200,
  capturedMonoMs: 0,
  capturedAtMs: 0,
  sourceWidth: 1,
  sourceHeight: 1,
  motion: null,
});
const fed = (cursor = 0): FedItem => new FedItem(item, { sourceId: 1, recipeId: 2, cursor });

test('only what lies before the first gap is committed, with the cursor that covers it', () => {
  const clip = fed();
  for (const frame of [0, 1, 2]) clip.announced(ticket(frame));
  clip.analysed(ticket(1), []);
  expect(clip.takeCommit()).toBeNull();
  clip.analysed(ticket(0), []);
  expect(clip.takeCommit()).toMatchObject({
    commit: { looked: [[0, 2]] },
    progress: { cursor: 2, ended: null },
    frames: 2,
  });
  clip.ended(3);
  expect(clip.takeCommit()).toBeNull();
  clip.analysed(ticket(2), []);
  expect(clip.takeCommit()).toMatchObject({
    commit: { looked: [[2, 3]] },
    progress: { cursor: 3, expectedFrames: 3, ended: { state: 'done' } },
  });
  expect(clip.isClosed).toBe(true);
  expect(clip.takeCommit()).toBeNull();
});

test('frame numbers that a slow source leaves out are covered by the range', () => {
  const clip = fed(4);
  for (const frame of [5, 9]) {
    clip.announced(ticket(frame));
    clip.analysed(ticket(frame), []);
  }
  expect(clip.takeCommit()).toMatchObject({ commit: { looked: [[4, 10]] }, progress: { cursor: 10 } });
});

test('a video that breaks in the middle keeps what was found before the break', () => {
  const clip = fed();
  clip.announced(ticket(0));
  clip.failed('undecodable', 'broken at 00:00:01');
  expect(clip.takeCommit()).toBeNull();
  clip.analysed(ticket(0), []);
  expect(clip.takeCommit()).toMatchObject({
    commit: { looked: [[0, 1]] },
    progress: { ended: { state: 'failed', failureKind: 'undecodable', failureReason: 'broken at 00:00:01' } },
  });
});
