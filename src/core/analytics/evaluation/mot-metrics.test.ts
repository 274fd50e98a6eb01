import { expect, test } from 'vitest';
import type { Box } from '../../../shared/domain/detection.ts';
import { motFigures, type Placed } from './mot-metrics.ts';

const boxAt = (x: number): Box => [x, 0, 10, 10];
const one = (id: number, x = 0): Placed => ({ id, box: boxAt(x) });

test('a tracker that says the truth gets full marks, whatever its ids are', () => {
  const pictures = [0, 5, 10].map((x) => ({ truth: [one(1, x), one(2, 100)], tracked: [one(70, x), one(8, 100)] }));
  expect(motFigures(pictures)).toMatchObject({ mota: 1, idf1: 1, switches: 0, tracks: 2, objects: 2, truthBoxes: 6 });
});

test('what is missed, made up and given another id counts, each once', () => {
  const figures = motFigures([
    { truth: [one(1)], tracked: [one(5)] },
    { truth: [one(1)], tracked: [] },
    { truth: [one(1)], tracked: [one(6)] },
    { truth: [one(1)], tracked: [one(6), one(7, 200)] },
  ]);
  expect(figures).toMatchObject({ missed: 1, falseBoxes: 1, switches: 1, truthBoxes: 4, tracks: 3, objects: 1 });
  expect(figures.mota).toBeCloseTo(1 - 3 / 4);
  // Track 6 fits two of the four boxes; four boxes were tracked.
  expect(figures.idf1).toBeCloseTo((2 * 2) / (4 + 4));
});

test('an id is lost and found: a switch each time for MOTA, half the boxes for IDF1', () => {
  const ids = [5, 6, 5, 6];
  const figures = motFigures(ids.map((id) => ({ truth: [one(1)], tracked: [one(id)] })));
  expect(figures.switches).toBe(3);
  expect(figures.idf1).toBeCloseTo(0.5);
});

test('two ids that swap while both overlap both objects stay with their objects', () => {
  const figures = motFigures([
    { truth: [one(1, 0), one(2, 20)], tracked: [one(5, 0), one(6, 20)] },
    // Track 5 overlaps object 1 by 0.54 and track 6 by 1: the old pair stays.
    { truth: [one(1, 0), one(2, 3)], tracked: [one(5, 3), one(6, 0)] },
  ]);
  expect(figures).toMatchObject({ switches: 0, missed: 0, falseBoxes: 0 });
});

test('boxes that overlap by less than a half are another thing', () => {
  expect(motFigures([{ truth: [one(1, 0)], tracked: [one(5, 4)] }])).toMatchObject({
    missed: 1,
    falseBoxes: 1,
    mota: -1,
  });
});
