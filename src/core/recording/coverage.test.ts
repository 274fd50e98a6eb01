import { expect, test } from 'vitest';
import { gapsBetween, withoutStretch, withStretch } from './coverage.ts';
import { segmentName, startOfSegment } from './segment-names.ts';

const range = { fromMs: 0, toMs: 100_000 };
const stretch = (fromMs: number, toMs: number) => ({ fromMs, toMs });

test('files that meet within a second and a half leave no gap', () => {
  expect(gapsBetween(range, [stretch(0, 59_000), stretch(60_000, 100_000)], [])).toEqual([]);
});

test('uncovered time is told with the reasons noted for it, and without one where there is none', () => {
  const notes = [
    { fromMs: 20_000, toMs: 30_000, reason: 'camera-offline' as const },
    { fromMs: 30_000, toMs: 55_000, reason: 'disk-full' as const },
  ];
  expect(gapsBetween(range, [stretch(0, 20_000), stretch(50_000, 70_000)], notes)).toEqual([
    { fromMs: 20_000, toMs: 30_000, reason: 'camera-offline' },
    { fromMs: 30_000, toMs: 50_000, reason: 'disk-full' },
    { fromMs: 70_000, toMs: 100_000, reason: 'unknown' },
  ]);
});

test('a moment between notes belongs to the later one; more than a moment is told as unknown', () => {
  const notes = [
    { fromMs: 1_000, toMs: 10_000, reason: 'starting' as const },
    { fromMs: 40_000, toMs: 100_000, reason: 'off' as const },
  ];
  expect(gapsBetween(range, [], notes)).toEqual([
    { fromMs: 0, toMs: 10_000, reason: 'starting' },
    { fromMs: 10_000, toMs: 40_000, reason: 'unknown' },
    { fromMs: 40_000, toMs: 100_000, reason: 'off' },
  ]);
});

test('gaps and footage together cover the whole range, whatever overlaps', () => {
  const footage = [stretch(-5_000, 12_000), stretch(10_000, 30_000), stretch(80_000, 120_000)];
  const notes = [{ fromMs: 25_000, toMs: 85_000, reason: 'engine-lost' as const }];
  expect(gapsBetween(range, footage, notes)).toEqual([{ fromMs: 30_000, toMs: 80_000, reason: 'engine-lost' }]);
});

test('kept stretches are joined and cut', () => {
  const kept = withStretch([stretch(0, 10), stretch(20, 30)], stretch(5, 20));
  expect(kept).toEqual([stretch(0, 30)]);
  expect(withoutStretch(kept, stretch(10, 15))).toEqual([stretch(0, 10), stretch(15, 30)]);
  expect(withoutStretch(kept, stretch(0, 30))).toEqual([]);
});

test('a file is named for its start, and only such names are ours', () => {
  const startMs = Date.UTC(2026, 9, 25, 0, 59, 59, 7);
  expect(segmentName(startMs)).toBe('2026-10-25/00-59-59-007Z.mp4');
  expect(startOfSegment(segmentName(startMs))).toBe(startMs);
  for (const other of ['2026-10-25/note.txt', '2026-10-25/00-59-59-007Z.mp4.partial', '../00-59-59-007Z.mp4']) {
    expect(startOfSegment(other)).toBeNull();
  }
});
