import { expect, test } from 'vitest';
import { MomentTyping } from './moment-typing.svelte.ts';

const nowMs = new Date(2026, 10, 24, 14, 30, 15).getTime();
const typing = (): MomentTyping => new MomentTyping(() => nowMs);

test('while it is typed it says what it means, and half of a moment is no mistake', () => {
  const moment = typing();
  expect(moment.says).toBeNull();
  moment.text = '02:';
  expect(moment.says).toBeNull();
  moment.text = '02:14';
  expect(moment.says).toEqual({ kind: 'means', atMs: new Date(2026, 10, 24, 2, 14).getTime() });
});

test('used it is over; what is no moment is refused with the reason until it is typed anew', () => {
  const moment = typing();
  moment.text = '-15m';
  expect(moment.take()).toBe(nowMs - 900_000);
  expect([moment.says, moment.isRefused]).toEqual([null, false]);

  moment.text = 'half past two';
  expect(moment.take()).toBeNull();
  expect(moment.says).toEqual({ kind: 'refused', trouble: 'not-understood' });
  moment.text = '2026-11-25 02:14';
  expect([moment.says, moment.isRefused]).toEqual([null, false]);
  expect(moment.take()).toBeNull();
  expect(moment.says).toEqual({ kind: 'refused', trouble: 'to-come' });
});

test('nothing is no moment either, and what nobody typed needs no words', () => {
  const moment = typing();
  expect(moment.take()).toBeNull();
  expect(moment.says).toEqual({ kind: 'refused', trouble: 'not-understood' });
  moment.show('2026-11-23 02:14');
  expect([moment.text, moment.says, moment.isRefused]).toEqual(['2026-11-23 02:14', null, false]);
});
