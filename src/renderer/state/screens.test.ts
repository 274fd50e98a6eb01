import { expect, it } from 'vitest';
import { freeScreen, screenOf } from './screens.ts';

it('a window knows its number from its address', () => {
  expect(screenOf('')).toBe('main');
  expect(screenOf('?screen=2')).toBe('2');
  for (const odd of ['?screen=1', '?screen=next', '?screen=22', '?screen=../2']) expect(screenOf(odd)).toBe('main');
});

it('the first free number is taken, and there is an end to them', () => {
  const open = new Set(['2', '4']);
  expect(freeScreen((name) => open.has(name))).toBe('3');
  expect(freeScreen(() => false)).toBe('2');
  expect(freeScreen(() => true)).toBeNull();
});
