import { expect, test } from 'vitest';
import type { Notice } from '../../shared/domain/system.ts';
import type { StoreClient } from '../../store/operations.ts';
import { EventBus } from '../event-bus.ts';
import { NoticeBoard } from './notice-board.ts';

/** A store of notices that can be full. */
function board(): { board: NoticeBoard; stored: Notice[]; disk: { full: boolean }; told: () => readonly string[] } {
  const disk = { full: false };
  const stored: Notice[] = [];
  const calls: Record<string, (input: Notice) => unknown> = {
    'notices.list': () => [...stored].reverse(),
    'notices.add': (notice) => stored.push({ ...notice, id: stored.length + 1, clearedAtMs: null }),
    'notices.clear': ({ topic }) => {
      for (const [index, notice] of stored.entries())
        if (notice.topic === topic) stored[index] = { ...notice, clearedAtMs: 9 };
    },
    'notices.dismiss': ({ id }) => {
      stored.splice(
        stored.findIndex((notice) => notice.id === id),
        1,
      );
    },
  };
  const call = (name: string, input: Notice): Promise<unknown> =>
    disk.full ? Promise.reject(new Error('full')) : Promise.resolve(calls[name]?.(input));
  const store = { call, close: () => Promise.resolve() } as unknown as StoreClient;
  const bus = new EventBus({ info: () => undefined, warn: () => undefined, error: () => undefined });
  let shown: readonly Notice[] = [];
  bus.subscribe((message) => {
    if (message.event === 'notices.changed') shown = message.payload;
  });
  const clock = { monoMs: () => 1, epochMs: () => 1 };
  return { board: new NoticeBoard(store, clock, bus), stored, disk, told: () => shown.map((notice) => notice.text) };
}

test('one cause has one open notice, and another one after it was cleared', async () => {
  const { board: notices, stored } = board();
  await notices.raise('warning', 'engine-lost', 'The engine ended');
  await notices.raise('warning', 'engine-lost', 'The engine ended again');
  expect(stored.map((notice) => notice.text)).toEqual(['The engine ended']);
  await notices.clear('engine-lost');
  await notices.raise('warning', 'engine-lost', 'And once more');
  expect(notices.notices.map((notice) => [notice.text, notice.clearedAtMs])).toEqual([
    ['And once more', null],
    ['The engine ended', 9],
  ]);
});

test('what the store does not take is shown all the same, once a topic, and can be dismissed or cleared', async () => {
  const { board: notices, stored, disk, told } = board();
  await notices.tell('info', 'job-resumed:a', 'Resumed');
  disk.full = true;
  await notices.raise('error', 'live-store:gate', 'Results wait');
  await notices.raise('error', 'live-store:gate', 'Results wait still');
  await notices.tell('error', 'job-held-up:a', 'The disk is full');
  expect(told()).toEqual(['The disk is full', 'Results wait', 'Resumed']);
  await notices.dismiss(notices.notices[0]?.id ?? 0);
  await notices.clear('live-store:gate');
  expect(told()).toEqual(['Resumed']);
  await expect(notices.dismiss(1)).rejects.toThrow('full');
  disk.full = false;
  await notices.dismiss(1);
  expect(told()).toEqual([]);
  expect(stored).toEqual([]);
});
