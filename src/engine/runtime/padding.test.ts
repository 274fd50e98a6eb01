import { expect, it } from 'vitest';
import { drawnFrame } from '../testing/drawing.ts';
import { PixelBatch } from './pixel-batch.ts';
import { placesOn } from './providers.ts';

it('pads a chunk that is not full on a device, and only there', () => {
  expect([1, 2, 3, 5, 8, 33, 128].map((pictures) => placesOn('cuda', pictures))).toEqual([1, 2, 4, 8, 8, 64, 128]);
  expect(placesOn('webgpu', 3)).toBe(4);
  expect(placesOn('cpu', 3)).toBe(3);
});

it('puts the pictures first and leaves room behind them', () => {
  const size = { width: 32, height: 32 };
  const frameBytes = 32 * 32 * 3;
  const [one, two] = [drawnFrame(size, []), drawnFrame(size, [{ colour: 'red', x: 1, y: 1, width: 9, height: 9 }])];
  const batch = new PixelBatch();
  const padded = batch.of([one, two], size, 4);
  expect(padded).toHaveLength(4 * frameBytes);
  expect(padded.subarray(0, frameBytes)).toEqual(one.bytes);
  expect(padded.subarray(frameBytes, 2 * frameBytes)).toEqual(two.bytes);
  expect(batch.of([two], size)).toBe(two.bytes);
  expect(batch.of([two], size, 2).subarray(0, frameBytes)).toEqual(two.bytes);
});
