import { expect, test } from 'vitest';
import { mediaTimeText, readMediaTime, spanText, videoSpanSchema } from './video-sampling.ts';

test('times of a video as people write them', () => {
  expect(['1:02:03', '62:03', '3723', ' 3723.5 ', '0'].map(readMediaTime)).toEqual([
    3_723_000, 3_723_000, 3_723_000, 3_723_500, 0,
  ]);
  expect(['', '-1', '1:2:3:4', 'ten', '1e3', '1:', '0.1234'].map(readMediaTime)).toEqual(Array(7).fill(null));
  for (const ms of [0, 59_999, 3_723_500, 360_000_000]) expect(readMediaTime(mediaTimeText(ms))).toBe(ms);
  expect(spanText({ fromMs: 600_000, toMs: 1_200_000 })).toBe('from 0:10:00 to 0:20:00');
  expect(spanText({ fromMs: 0, toMs: null })).toBe('from 0:00:00 on');
});

test('a part ends after it begins', () => {
  expect(videoSpanSchema.safeParse({ fromMs: 1_000, toMs: 1_000 }).success).toBe(false);
  expect(videoSpanSchema.safeParse({ fromMs: 1_000, toMs: null }).success).toBe(true);
});
