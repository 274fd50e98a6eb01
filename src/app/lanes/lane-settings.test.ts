import { expect, test } from 'vitest';
import { defaultLaneSettings } from '../../shared/domain/lanes.ts';
import type { StoreClient } from '../../store/operations.ts';
import { loadLaneSettings, patchLaneSettings, saveLaneSettings } from './lane-settings.ts';

function settingsStore(
  entries: Record<string, string> = {},
): Pick<StoreClient, 'call'> & { rows: Map<string, string> } {
  const rows = new Map(Object.entries(entries));
  const call = (name: string, input: unknown): Promise<unknown> => {
    const { key, value } = input as { key: string; value?: string };
    if (name === 'settings.set') rows.set(key, value ?? '');
    return Promise.resolve(rows.get(key) ?? null);
  };
  return { rows, call: call as StoreClient['call'] };
}
const warnings: string[] = [];
const log = { info: () => undefined, warn: (text: string) => warnings.push(text), error: () => undefined };

test('settings come back as they were saved', async () => {
  const store = settingsStore();
  expect(await loadLaneSettings(store, log)).toEqual(defaultLaneSettings);
  expect(store.rows.size).toBe(0);
  const settings = patchLaneSettings(defaultLaneSettings, { mode: 'throughput', archiveFloorShare: 0, liveBatch: 4 });
  await saveLaneSettings(store, settings);
  expect(await loadLaneSettings(store, log)).toEqual(settings);
});

test('the mode of an earlier version is taken over once', async () => {
  const store = settingsStore({ 'scheduling-mode': 'balanced' });
  expect(await loadLaneSettings(store, log)).toEqual({ ...defaultLaneSettings, mode: 'balanced' });
  store.rows.set('scheduling-mode', 'strict');
  expect((await loadLaneSettings(store, log)).mode).toBe('balanced');
});

test('settings that cannot be read give way to the usual ones, and that is logged', async () => {
  for (const saved of ['{', '{"mode":"warp"}', '{"mode":"strict","unknown":1}']) {
    warnings.length = 0;
    expect(await loadLaneSettings(settingsStore({ 'lane-settings': saved }), log)).toEqual(defaultLaneSettings);
    expect(warnings).toHaveLength(1);
  }
});

test('a change that does not work is refused by its field', () => {
  expect(() => patchLaneSettings(defaultLaneSettings, { archiveFloorShare: 0.9 })).toThrow(
    expect.objectContaining({ kind: 'bad-input', where: 'archiveFloorShare' }) as Error,
  );
  expect(() => patchLaneSettings(defaultLaneSettings, { api: { windowMs: 25, batch: 99 } })).toThrow(
    expect.objectContaining({ kind: 'bad-input', where: 'api.batch' }) as Error,
  );
});
