import { expect, test } from 'vitest';
import { en } from './en.ts';
import { longText, longWords } from './long-words.ts';

test('a text gets a third more letters at the ends of its words; numbers and units stay', () => {
  expect(longText('Cancel')).toBe('Canceläö');
  expect(longText('95 of 100 results came within 61 ms.')).toBe('95 ofä 100 resultsäö cameäö withinäö 61 ms.');
  expect(longText('416 × 416 · 5 fps')).toBe('416 × 416 · 5 fps');
});

test('what was made longer already is not made longer again', () => {
  const once = longText('Add a camera');
  expect(longText(`${once}: Gate`)).toBe(`${once}: Gateäö`);
});

test('every text of the catalogue is at least a third longer, and no shorter one is left among its functions', () => {
  const long = longWords(en);
  const texts = (part: unknown, at: string): [string, string][] =>
    typeof part === 'string'
      ? [[at, part]]
      : typeof part === 'object' && part !== null
        ? Object.entries(part).flatMap(([key, inner]) => texts(inner, `${at}.${key}`))
        : [];
  const before = new Map(texts(en, 'en'));
  const after = texts(long, 'en');
  expect(after).toHaveLength(before.size);
  const letters = (text: string): number => text.match(/\p{L}{4,}/gu)?.join('').length ?? 0;
  const short = after.filter(([at, text]) => {
    const plain = before.get(at) ?? '';
    return text.length < plain.length + Math.floor(letters(plain) * 0.3);
  });
  expect(short).toEqual([]);
  expect(long.jobs.items(3, 12)).toBe(longText('3 of 12 files'));
  expect(long.system.check.number(585, 400, 'ms')).toEqual(['585 ms', longText('limit 400 ms')]);
});
