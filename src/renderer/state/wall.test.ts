import { expect, test } from 'vitest';
import type { EventMessage } from '../../shared/contract/events.ts';
import { changedWall, emptyWall, wholeWall, type Wall, type WallChange } from '../../shared/domain/wall.ts';
import { failed, ok, type ErrorValue, type Result } from '../../shared/errors.ts';
import type { Api, Connection } from '../api.ts';
import { WallState } from './wall.svelte.ts';

/** A window of the wall whose host answers saves only when it is let. */
async function opened(kept: Wall = emptyWall) {
  const saves: { change: WallChange; answer: (answer: Result<Wall>) => void }[] = [];
  const failures: ErrorValue[] = [];
  let tell: (message: EventMessage) => void = () => undefined;
  const undo = (): void => undefined;
  const api = {
    call: (name: string, change: WallChange) =>
      name === 'wall.get'
        ? Promise.resolve(ok(kept))
        : new Promise((answer) => {
            saves.push({ change, answer });
          }),
    onEvent(listener: typeof tell) {
      tell = listener;
      return undo;
    },
    onConnection(listener: (connection: Connection) => void) {
      listener({ state: 'open' });
      return undo;
    },
  } as unknown as Api;
  const wall = new WallState(api, '2', (error) => failures.push(error));
  wall.start();
  await Promise.resolve();
  await Promise.resolve();
  const others = (payload: Wall): void => {
    tell({ event: 'wall.changed', payload });
  };
  return { wall, saves, failures, others };
}

const yard: Wall = {
  order: ['b', 'a'],
  screens: { main: { ...wholeWall, layout: '1' }, '2': { ...wholeWall, group: 'Yard' } },
};

test('a window shows its own view and the order of all', async () => {
  const { wall, others } = await opened(yard);
  expect(wall.view).toEqual({ ...wholeWall, group: 'Yard' });
  expect(wall.order).toEqual(['b', 'a']);
  others({ ...yard, order: ['a', 'b'] });
  expect(wall.order).toEqual(['a', 'b']);
  others(emptyWall);
  expect(wall.view).toEqual(wholeWall);
});

test('another layout or group begins at its first page', async () => {
  const { wall, saves } = await opened();
  void wall.show({ layout: '4' });
  void wall.show({ page: 2 });
  expect(wall.view).toEqual({ layout: '4', group: null, page: 2 });
  void wall.show({ group: 'Gate' });
  expect(saves.map(({ change }) => change.screen)).toEqual([
    { name: '2', view: { layout: '4', group: null, page: 0 } },
    { name: '2', view: { layout: '4', group: null, page: 2 } },
    { name: '2', view: { layout: '4', group: 'Gate', page: 0 } },
  ]);
});

test('a change is seen at once, and what the host tells of earlier ones does not undo it', async () => {
  const { wall, saves, others } = await opened();
  const turned = [wall.show({ page: 1 }), wall.show({ page: 2 })];
  const first = changedWall(emptyWall, saves[0]?.change ?? {});
  others(first);
  saves[0]?.answer(ok(first));
  await turned[0];
  expect(wall.view.page).toBe(2);
  saves[1]?.answer(ok(changedWall(first, saves[1].change)));
  await turned[1];
  expect(wall.view.page).toBe(2);
});

test('a change that could not be kept is told and taken back', async () => {
  const { wall, saves, failures } = await opened(yard);
  const arranged = wall.arrange(['a', 'b']);
  expect(wall.order).toEqual(['a', 'b']);
  saves[0]?.answer(failed({ kind: 'no-space', message: 'The disk is full.' }));
  await arranged;
  expect(failures).toMatchObject([{ kind: 'no-space' }]);
  expect(wall.order).toEqual(['b', 'a']);
});
