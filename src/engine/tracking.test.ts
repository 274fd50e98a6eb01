import { expect, test } from 'vitest';
import { followGreedily, followWithByteTrack } from '../core/analytics/evaluation/followed.ts';
import { motFigures } from '../core/analytics/evaluation/mot-metrics.ts';
import { patternGroups, patternScene } from './testing/pattern-scene.ts';

test('rectangles that the real tiny model finds are followed behind posts and through two seconds of hiding', async () => {
  const pictures = await patternScene({ seed: 1, fps: 5, seconds: 24 });
  // Cut in two by a post, they are found faintly or in part.
  expect(pictures.some(({ faint }) => faint.length > 0)).toBe(true);
  const options = { groups: patternGroups, frameIntervalMs: 200 };
  const now = motFigures(followWithByteTrack(pictures, options));
  const before = motFigures(followGreedily(pictures, options));
  expect(now.objects).toBe(6);
  expect(now.mota).toBeGreaterThan(0.8);
  expect(now.mota).toBeGreaterThan(before.mota);
  expect(now.idf1).toBeGreaterThan(before.idf1);
  expect(now.switches).toBeLessThan(before.switches);
});
