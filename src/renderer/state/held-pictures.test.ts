import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { HeldPictures } from './held-pictures.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('the next one to show the camera gets its newest picture, once', () => {
  const held = new HeldPictures<string>();
  held.hold('gate', 'small');
  held.hold('yard', 'other');
  held.hold('gate', 'large');
  expect(held.take('gate')).toBe('large');
  expect(held.take('gate')).toBeNull();
  expect(held.take('yard')).toBe('other');
});

test('a picture of some time ago is forgotten, and a newer one not with it', () => {
  const held = new HeldPictures<string>();
  held.hold('gate', 'old');
  vi.advanceTimersByTime(1_500);
  held.hold('gate', 'new');
  vi.advanceTimersByTime(1_500);
  expect(held.take('gate')).toBe('new');
  held.hold('gate', 'old');
  vi.advanceTimersByTime(2_000);
  expect(held.take('gate')).toBeNull();
  expect(vi.getTimerCount()).toBe(0);
});
