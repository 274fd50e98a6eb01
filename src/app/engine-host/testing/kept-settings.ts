import type { StoreClient } from '../../../store/operations.ts';

/** A store of settings alone, which outlives whoever uses it. */
export function keptSettings(settings: Map<string, string>): Pick<StoreClient, 'call'> {
  const call = (name: string, input: unknown): Promise<unknown> => {
    const { key, value } = input as { key: string; value?: string };
    if (name === 'settings.set') settings.set(key, value ?? '');
    return Promise.resolve(name === 'settings.get' ? (settings.get(key) ?? null) : undefined);
  };
  return { call: call as StoreClient['call'] };
}
