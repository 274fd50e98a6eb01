import { describe, expect, test } from 'vitest';
import {
  drawTestPattern,
  parseTestPattern,
  testPatternDefaults,
  testPictureMs,
  testRectangles,
  type TestPattern,
} from './test-pattern.ts';

describe('the address of a test camera', () => {
  test('says what is drawn, and leaves out what is as usual', () => {
    expect(parseTestPattern('test:')).toEqual(testPatternDefaults);
    expect(parseTestPattern('test:?width=320&fps=12.5')).toEqual({ ...testPatternDefaults, width: 320, fps: 12.5 });
    expect(parseTestPattern('test://pattern?seed=7&rectangles=0')).toEqual({
      ...testPatternDefaults,
      seed: 7,
      rectangles: 0,
    });
  });

  test.each([
    ['test:?width=3', /width must be 64 to 3840, not "3"/],
    ['test:?fps=', /fps/],
    ['test:?fps=NaN', /fps/],
    ['test:?rectangles=1.5', /rectangles/],
    ['test:?colour=red', /no setting "colour"/],
  ])('%s is refused by name', (url, words) => {
    expect(() => parseTestPattern(url)).toThrow(words);
  });
});

const patterns: TestPattern[] = [
  testPatternDefaults,
  { width: 320, height: 240, fps: 10, seed: 42, rectangles: 3, burst: 1 },
  { width: 64, height: 64, fps: 1, seed: 0, rectangles: 12, burst: 1 },
  { width: 1920, height: 1080, fps: 25, seed: 9, rectangles: 7, burst: 1 },
];

test.each(patterns)(
  'rectangles stay in the picture, apart from each other, and move ($rectangles in $width × $height)',
  (pattern) => {
    const places = new Set<string>();
    for (let frame = 0; frame < 400; frame++) {
      const rectangles = testRectangles(pattern, frame);
      expect(rectangles).toHaveLength(pattern.rectangles);
      for (const [index, a] of rectangles.entries()) {
        expect(a.x).toBeGreaterThanOrEqual(0);
        expect(a.y).toBeGreaterThanOrEqual(0);
        expect(a.x + a.width).toBeLessThanOrEqual(pattern.width);
        expect(a.y + a.height).toBeLessThanOrEqual(pattern.height);
        for (const b of rectangles.slice(index + 1)) {
          const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
          expect(apart).toBe(true);
        }
      }
      places.add(JSON.stringify(rectangles[0]));
    }
    expect(places.size).toBeGreaterThan(pattern.width > 100 ? 100 : 5);
  },
);

test('what is drawn is exactly the truth', () => {
  const pattern = { width: 320, height: 240, fps: 10, seed: 42, rectangles: 3, burst: 1 };
  const rgb = new Uint8Array(320 * 240 * 3);
  for (const frame of [0, 17, 399]) {
    drawTestPattern(pattern, frame, rgb);
    const counted = { red: 0, green: 0, blue: 0 };
    for (let at = 0; at < rgb.length; at += 3) {
      if (rgb[at] === 255) counted.red++;
      if (rgb[at + 1] === 255) counted.green++;
      if (rgb[at + 2] === 255) counted.blue++;
    }
    for (const { colour, x, y, width, height } of testRectangles(pattern, frame)) {
      expect(counted[colour]).toBe(width * height);
      const channel = ['red', 'green', 'blue'].indexOf(colour);
      expect(rgb[(y * 320 + x) * 3 + channel]).toBe(255);
      expect(rgb[((y + height - 1) * 320 + x + width - 1) * 3 + channel]).toBe(255);
    }
  }
});

test('the same seed draws the same, another one does not', () => {
  expect(testRectangles(testPatternDefaults, 31)).toEqual(testRectangles(testPatternDefaults, 31));
  expect(testRectangles({ ...testPatternDefaults, seed: 2 }, 31)).not.toEqual(testRectangles(testPatternDefaults, 31));
});

test('a burst comes in quick succession, and its pause keeps the mean rate', () => {
  const pattern = { ...testPatternDefaults, fps: 10, burst: 4 };
  const dueMs = [0, 1, 2, 3, 4, 5].map((frame) => testPictureMs(pattern, frame));
  expect(dueMs).toEqual([0, 25, 50, 75, 400, 425]);
});
