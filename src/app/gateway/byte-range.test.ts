import { expect, it } from 'vitest';
import { parseRange } from './byte-range.ts';

it.each([
  [null, 100, 'whole'],
  ['', 100, 'whole'],
  ['bytes=0-', 100, { start: 0, end: 99 }],
  ['bytes=0-0', 100, { start: 0, end: 0 }],
  ['bytes=10-19', 100, { start: 10, end: 19 }],
  ['bytes=90-900', 100, { start: 90, end: 99 }],
  ['bytes=-5', 100, { start: 95, end: 99 }],
  ['bytes=-500', 100, { start: 0, end: 99 }],
  ['bytes=-0', 100, 'unsatisfiable'],
  ['bytes=100-', 100, 'unsatisfiable'],
  ['bytes=0-', 0, 'unsatisfiable'],
  ['bytes=-1', 0, 'unsatisfiable'],
  ['bytes=5-2', 100, 'whole'],
  ['bytes=0-1,4-5', 100, 'whole'],
  ['items=0-1', 100, 'whole'],
  ['bytes=-', 100, 'whole'],
] as const)('%s of %i', (header, size, expected) => {
  expect(parseRange(header, size)).toEqual(expected);
});
