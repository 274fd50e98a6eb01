import { expect, test } from 'vitest';
import { pinnedDecoders } from './pinned-decoders.ts';

test('hardware decoders may be named at the start', () => {
  expect(pinnedDecoders({})).toBeUndefined();
  expect(pinnedDecoders({ NIGHTSHIFT_DECODERS: ' ' })).toBeUndefined();
  expect(pinnedDecoders({ NIGHTSHIFT_DECODERS: 'VAAPI, cuda' })).toEqual(['vaapi', 'cuda']);
  expect(pinnedDecoders({ NIGHTSHIFT_DECODERS: 'none' })).toEqual([]);
  expect(() => pinnedDecoders({ NIGHTSHIFT_DECODERS: 'vappi' })).toThrow('There is no hardware decoder "vappi".');
});
