import { expect, test } from 'vitest';
import { measure, median } from '../testing/six-cameras.ts';

declare const console: { info(text: string): void };

test.each([0, 1, 2, 3, 5, 10, 20])('strict beside six cameras, jitter of %i ms, sixty phase patterns', (jitterMs) => {
  const shifts = Array.from({ length: 60 }, (_, index) => measure(jitterMs, 1_000 + index));
  const even = measure(jitterMs, 'even');
  const ratios = shifts.map(({ ratio }) => ratio);
  const kept = shifts.map((one) => one.kept);
  const over = ratios.filter((ratio) => ratio > 1.5).length;
  console.info(
    `jitter ${jitterMs} ms: p95 / alone median ${median(ratios).toFixed(2)}, most ${Math.max(...ratios).toFixed(2)}, ` +
      `${over} of 60 above 1.5; kept median ${median(kept).toFixed(3)}, least ${Math.min(...kept).toFixed(3)}; ` +
      `evenly apart ${even.ratio.toFixed(2)}, ${even.kept.toFixed(3)}`,
  );
  expect(median(ratios)).toBeLessThan(1.3);
  expect(median(kept)).toBeGreaterThan(0.93);
  expect(over).toBeLessThan(12);
  expect(Math.max(...ratios)).toBeLessThan(2);
  expect(Math.min(...kept)).toBeGreaterThan(0.87);
});
