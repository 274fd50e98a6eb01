import { expect, test } from 'vitest';
import { fittedInput } from './fitted-input.ts';

const square = (side: number): { width: number; height: number } => ({ width: side, height: side });
const text = (width: number, height: number, side = 416, multipleOf = 32): string => {
  const input = fittedInput(square(side), width, height, multipleOf);
  return `${input.width}x${input.height}`;
};

test.each([
  [768, 576, '416x320'],
  [1920, 1080, '416x256'],
  [1080, 1920, '256x416'],
  [3000, 4000, '320x416'],
  [640, 512, '416x416'], // 5:4 needs 333 rows
  [500, 500, '416x416'],
  [3440, 1440, '416x256'], // wider than the widest
  [1, 100_000, '256x416'],
  [352, 288, '416x416'],
  [720, 540, '416x320'],
])('%i×%i in a tier of 416: %s', (width, height, size) => {
  expect(text(width, height)).toBe(size);
});

test('the tiers of a model, and models that cannot', () => {
  expect([320, 416, 640].map((side) => text(1280, 720, side))).toEqual(['320x192', '416x256', '640x384']);
  expect(text(640, 480, 160, 8)).toBe('160x120');
  expect(text(1280, 720, 160, 8)).toBe('160x96');
  expect(text(1280, 720, 416, 0)).toBe('416x416');
  expect(fittedInput({ width: 640, height: 384 }, 100, 100, 32)).toEqual({ width: 640, height: 384 });
  // So coarse that rounding up leaves nothing to gain.
  expect(text(640, 480, 64, 64)).toBe('64x64');
});

test('any picture keeps exactly the scale it has in the square, in one of five sizes', () => {
  const sizes = new Set<string>();
  for (let width = 1; width < 4000; width += 37) {
    for (let height = 1; height < 4000; height += 41) {
      const input = fittedInput(square(416), width, height, 32);
      sizes.add(`${input.width}x${input.height}`);
      const scale = Math.min(input.width / width, input.height / height);
      expect(scale).toBe(Math.min(416 / width, 416 / height));
    }
  }
  expect([...sizes].sort()).toEqual(['256x416', '320x416', '416x256', '416x320', '416x416']);
});
