import { expect, test } from 'vitest';
import { flagsOf } from './tile-flags.ts';

test('each trouble is one flag with a word of its own; the explanation names the camera', () => {
  expect(flagsOf('Gate', { health: null }, 0)).toEqual([]);
  const kinds = ['covered', 'blinded', 'turned', 'defocused', 'frozen', 'changed'] as const;
  const flags = kinds.flatMap((kind) => flagsOf('Gate', { health: { kind, sinceMs: 0, says: 'is odd.' } }, 60_000));
  expect(flags).toHaveLength(kinds.length);
  expect(new Set(flags.map(({ word }) => word)).size).toBe(kinds.length);
  expect(flags[0]?.explained).toMatch(/^Gate is odd\. Since /);
});
