import { expect, test } from 'vitest';
import type { Ticket } from '../../src/shared/engine/protocol.ts';
import { oneFifo, priorityLevels } from './queue-policy.ts';

const waiting = (lanes: string): Ticket[] =>
  [...lanes].map((letter, frameId) => ({
    frameId,
    lane: letter === 'L' ? 'live' : 'archive',
    source: letter,
    frame: frameId,
    timeMs: 0,
    capturedMonoMs: frameId,
    capturedAtMs: 0,
    sourceWidth: 1,
    sourceHeight: 1,
    motion: null,
  }));
const ids = (tickets: readonly Ticket[]): readonly number[] => tickets.map(({ frameId }) => frameId);

test('one queue runs frames in the order in which they came, whoever they belong to', () => {
  const queue = waiting('AAALAA');
  expect(ids(oneFifo(4)(queue))).toEqual([0, 1, 2, 3]);
  expect(ids(queue)).toEqual([4, 5]);
});

test('priority levels run all live frames first, and the largest archive batch when none waits', () => {
  const choose = priorityLevels({ live: 2, archive: 32 });
  const queue = waiting('AALALAL');
  expect(ids(choose(queue))).toEqual([2, 4]);
  expect(ids(choose(queue))).toEqual([6]);
  expect(ids(choose(queue))).toEqual([0, 1, 3, 5]);
  expect(choose(queue)).toEqual([]);
});
