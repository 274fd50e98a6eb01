import { expect, test } from 'vitest';
import { turnOf, turnRgb, type QuarterTurns } from './quarter-turns.ts';

const matrix = (a: number, b: number, c: number, d: number): Uint8Array =>
  new Uint8Array(Int32Array.from([a, b, 0, c, d, 0, 0, 0, 0x4000 / 0x10000].map((value) => value * 65536)).buffer);

test('the turn is read from the first row of the display matrix', () => {
  expect(turnOf(null)).toBe(0);
  expect(turnOf(matrix(1, 0, 0, 1))).toBe(0);
  expect(turnOf(matrix(0, 1, -1, 0))).toBe(1);
  expect(turnOf(matrix(-1, 0, 0, -1))).toBe(2);
  expect(turnOf(matrix(0, -1, 1, 0))).toBe(3);
});

test.each<[QuarterTurns, string]>([
  [0, 'abc def'],
  [1, 'da eb fc'],
  [2, 'fed cba'],
  [3, 'cf be ad'],
])('%i quarter turns of abc / def', (turns, turned) => {
  // Two rows of three pixels, each row followed by two bytes that belong to nobody.
  const rows = Uint8Array.from([...'aaabbbccc..dddeeefff..'].map((letter) => letter.charCodeAt(0)));
  const rgb = turnRgb(rows, 11, 3, 2, turns);
  const width = turns % 2 === 0 ? 3 : 2;
  const letters = [...rgb].filter((_, index) => index % 3 === 1).map((code) => String.fromCharCode(code));
  expect(letters.join('').replace(new RegExp(`.{${String(width)}}(?=.)`, 'g'), '$& ')).toBe(turned);
});
