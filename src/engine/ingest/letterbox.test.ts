import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitInto, frameBytes, paintBorder, placeRows } from './letterbox.ts';

const side = fc.integer({ min: 1, max: 8000 });
const inputSide = fc.integer({ min: 32, max: 1280 });

test('the picture lies inside, centred, and no corner is off by more than half an input pixel', () => {
  fc.assert(
    fc.property(side, side, inputSide, inputSide, (sourceWidth, sourceHeight, width, height) => {
      const fit = fitInto(sourceWidth, sourceHeight, { width, height });
      expect(fit.x).toBeGreaterThanOrEqual(0);
      expect(fit.y).toBeGreaterThanOrEqual(0);
      expect(fit.x + fit.width).toBeLessThanOrEqual(width);
      expect(fit.y + fit.height).toBeLessThanOrEqual(height);
      expect(Math.abs(width - fit.width - 2 * fit.x)).toBeLessThanOrEqual(1);
      expect(Math.abs(height - fit.height - 2 * fit.y)).toBeLessThanOrEqual(1);
      if (sourceWidth * fit.scale < 1 || sourceHeight * fit.scale < 1) return; // a line: one pixel is shown of it
      expect(Math.abs(fit.offsetX - fit.x)).toBeLessThanOrEqual(0.5);
      expect(Math.abs(fit.offsetY - fit.y)).toBeLessThanOrEqual(0.5);
      expect(Math.abs(sourceWidth * fit.scale + fit.offsetX - (fit.x + fit.width))).toBeLessThanOrEqual(0.5);
      expect(Math.abs(sourceHeight * fit.scale + fit.offsetY - (fit.y + fit.height))).toBeLessThanOrEqual(0.5);
    }),
  );
});

test('common cameras fit exactly', () => {
  expect(fitInto(768, 576, { width: 416, height: 320 })).toMatchObject({ x: 0, y: 4, width: 416, height: 312 });
  expect(fitInto(1920, 1080, { width: 640, height: 640 })).toMatchObject({ x: 0, y: 140, width: 640, height: 360 });
  expect(fitInto(1080, 1920, { width: 640, height: 640 })).toMatchObject({ x: 140, y: 0, width: 360, height: 640 });
});

test('every pixel of a used buffer is written: picture inside, grey around', () => {
  for (const [width, height] of [
    [30, 90],
    [90, 30],
    [50, 50],
    [64, 48],
  ] as const) {
    const input = { width: 64, height: 48 };
    const fit = fitInto(width, height, input);
    const target = new Uint8Array(frameBytes(input)).fill(1);
    const strideBytes = fit.width * 3 + 13;
    placeRows(target, input, fit, new Uint8Array(strideBytes * fit.height).fill(200), strideBytes);
    paintBorder(target, input, fit, 114);
    for (let y = 0; y < input.height; y++) {
      for (let x = 0; x < input.width; x++) {
        const inside = x >= fit.x && x < fit.x + fit.width && y >= fit.y && y < fit.y + fit.height;
        expect(target[(y * input.width + x) * 3 + 1]).toBe(inside ? 200 : 114);
      }
    }
  }
});
