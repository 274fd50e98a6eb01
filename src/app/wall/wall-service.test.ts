import { expect, test } from 'vitest';
import { emptyWall, wholeWall, type Wall } from '../../shared/domain/wall.ts';
import type { StoreClient } from '../../store/operations.ts';
import { WallService } from './wall-service.ts';

/** A wall over a settings table of its own. */
function wallOver(saved: Map<string, string>) {
  const told: Wall[] = [];
  const warnings: string[] = [];
  const fault = { isFull: false };
  const call = async (name: string, input: { key: string; value?: string }): Promise<string | null | undefined> => {
    if (name === 'settings.get') return saved.get(input.key) ?? null;
    if (fault.isFull) throw new Error('the disk is full');
    saved.set(input.key, input.value ?? '');
    return undefined;
  };
  const service = new WallService({
    store: { call } as unknown as Pick<StoreClient, 'call'>,
    bus: {
      emit: (_event, payload) => {
        told.push(payload as Wall);
      },
    },
    log: {
      info: () => undefined,
      warn: (text) => {
        warnings.push(text);
      },
      error: () => undefined,
    },
  });
  return { service, told, warnings, fault };
}

test('what two windows change at the same time is kept of both, and told to all', async () => {
  const saved = new Map<string, string>();
  const { service, told } = wallOver(saved);
  expect(await service.read()).toEqual(emptyWall);
  const second = { layout: '16', group: 'Yard', page: 1 } as const;
  await Promise.all([
    service.save({ screen: { name: 'main', view: { ...wholeWall, layout: '4' } } }),
    service.save({ screen: { name: '2', view: second } }),
    service.save({ order: ['b', 'a', 'b'] }),
  ]);
  const wall = { order: ['b', 'a'], screens: { main: { ...wholeWall, layout: '4' }, '2': second } };
  expect(told.at(-1)).toEqual(wall);
  expect(await wallOver(saved).service.read()).toEqual(wall);
});

test('an arrangement that is not understood gives way to the usual one', async () => {
  for (const text of ['{', '{"order":[1],"screens":{}}', '{"order":[],"screens":{"attic":{}}}']) {
    const { service, warnings } = wallOver(new Map([['wall', text]]));
    expect(await service.read()).toEqual(emptyWall);
    expect(warnings).toHaveLength(1);
  }
});

test('after a save that failed the next one is taken', async () => {
  const saved = new Map<string, string>();
  const { service, fault } = wallOver(saved);
  fault.isFull = true;
  await expect(service.save({ order: ['a'] })).rejects.toThrow('full');
  fault.isFull = false;
  await expect(service.save({ order: ['b'] })).resolves.toMatchObject({ order: ['b'] });
});
