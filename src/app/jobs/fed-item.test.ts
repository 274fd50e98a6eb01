import { expect, test } from 'vitest';
import type { Detection } from '../../shared/domain/detection.ts';
import type { Ticket, UnchangedFrame } from '../../shared/engine/protocol.ts';
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

const unchanged = (frame: number, sameAs: number): UnchangedFrame => {
  const { frameId: _frameId, ...seen } = ticket(frame);
  return { ...seen, sameAs };
};
const found = (classIndex: number): Detection[] => [{ classIndex, score: 0.9, box: [1, 2, 3, 4] }];

test('an unchanged frame takes the result of the one it names, also where that one is committed or comes later', () => {
  const clip = fed();
  clip.announced(ticket(0));
  clip.unchanged(unchanged(1, 0));
  expect(clip.takeCommit()).toBeNull();
  clip.analysed(ticket(0), found(0));
  expect(clip.takeCommit()).toMatchObject({
    commit: {
      looked: [[0, 2]],
      rows: [
        { frame: 0, inherited: false },
        { frame: 1, inherited: true, detections: [{ classIndex: 0 }] },
      ],
    },
    frames: 2,
    inherited: 1,
  });
  // Told after the ticket of frame 4, as the engine does.
  clip.announced(ticket(4));
  clip.unchanged(unchanged(2, 0));
  clip.unchanged(unchanged(3, 0));
  clip.ended(6);
  clip.unchanged(unchanged(5, 4));
  expect(clip.takeCommit()).toMatchObject({ commit: { looked: [[2, 4]] }, frames: 2, inherited: 2 });
  expect(clip.isSettled).toBe(false);
  clip.analysed(ticket(4), found(1));
  expect(clip.takeCommit()).toMatchObject({
    commit: { rows: [{ frame: 4 }, { frame: 5, inherited: true, detections: [{ classIndex: 1 }] }] },
    progress: { cursor: 6, ended: { state: 'done' } },
  });
});

test('what comes again from before the cursor serves those after it, and is not committed again', () => {
  const clip = fed(52);
  clip.announced(ticket(50));
  for (const frame of [51, 52, 53]) clip.unchanged(unchanged(frame, 50));
  clip.analysed(ticket(50), found(0));
  expect(clip.takeCommit()).toMatchObject({
    commit: { looked: [[52, 54]], rows: [{ frame: 52, inherited: true }, { frame: 53 }] },
    progress: { cursor: 54 },
    frames: 2,
    inherited: 2,
    replayed: 2,
  });
});

test('a frame that is the same as none that came fails the item instead of waiting for ever', () => {
  const clip = fed();
  clip.unchanged(unchanged(3, 2));
  expect(clip.takeCommit()).toMatchObject({ commit: null, progress: { ended: { state: 'failed' } } });
});
