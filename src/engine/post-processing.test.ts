import { describe, expect, it } from 'vitest';
import { seededRandom } from '../core/testing/seeded-random.ts';
import type { PostProcessing } from '../shared/engine/protocol.ts';
import type { Candidates } from './decoders/decoder.ts';
import type { HeldFrame } from './ingest/ports.ts';
import { overlapGroups } from '../core/analytics/overlap-groups.ts';
import { detectionsIn, foundIn } from './post-processing.ts';
import { shippedModel } from './testing/shipped-model.ts';

type Row = readonly [left: number, top: number, right: number, bottom: number, score: number, classIndex: number];

const candidates = (...rows: readonly Row[]): Candidates => ({
  count: rows.length,
  boxes: Float32Array.from(rows.flatMap((row) => row.slice(0, 4))),
  scores: Float32Array.from(rows, (row) => row[4]),
  classes: Int32Array.from(rows, (row) => row[5]),
});

/** 1920×1080 in 320×320: a sixth of the size, with borders above and below. */
const letterboxed: HeldFrame = {
  bytes: new Uint8Array(0),
  width: 320,
  height: 320,
  scale: 1 / 6,
  offsetX: 0,
  offsetY: 70,
  sourceWidth: 1920,
  sourceHeight: 1080,
};
const groups = Int32Array.of(0, 1, 1);
const everything: PostProcessing = { score: 0.5, iou: 0.5, classes: null };

describe('detectionsIn', () => {
  it('carries boxes back into source pixels', () => {
    expect(detectionsIn(candidates([10, 80, 20, 100, 0.75, 0]), groups, letterboxed, everything)).toEqual([
      { classIndex: 0, score: 0.75, box: [60, 60, 60, 120] },
    ]);
  });

  it('clips to the picture and leaves out what lies in the border alone', () => {
    const found = detectionsIn(
      candidates([-5, 60, 10, 80, 0.75, 0], [100, 10, 140, 60, 0.9, 0]),
      groups,
      letterboxed,
      everything,
    );
    expect(found).toEqual([{ classIndex: 0, score: 0.75, box: [0, 0, 60, 60] }]);
  });

  it('rounds scores to 0.0001 and boxes to 0.01', () => {
    const [found] = detectionsIn(candidates([10.0011, 80, 20, 100, 0.123456, 0]), groups, letterboxed, everything);
    expect(found).toEqual({ classIndex: 0, score: 0.1235, box: [60.01, 60, 59.99, 120] });
  });

  it('sorts by class, then by place', () => {
    const found = detectionsIn(
      candidates([50, 80, 60, 90, 0.9, 2], [30, 80, 40, 90, 0.6, 0], [10, 80, 20, 90, 0.5, 0]),
      groups,
      letterboxed,
      everything,
    );
    expect(found.map(({ classIndex, box }) => [classIndex, box[0]])).toEqual([
      [0, 60],
      [0, 180],
      [2, 300],
    ]);
  });

  it('filters classes after overlaps are removed, so that a filter only hides', () => {
    const carInTruck = candidates([10, 80, 50, 120, 0.9, 2], [10, 80, 50, 119, 0.8, 1]);
    expect(detectionsIn(carInTruck, groups, letterboxed, everything)).toHaveLength(1);
    expect(detectionsIn(carInTruck, groups, letterboxed, { ...everything, classes: [1] })).toEqual([]);
  });
});

describe('foundIn', () => {
  it('reports what is found without the faint boxes, to the last digit, and never gives a faint box in place of it', () => {
    const random = seededRandom(11);
    for (let picture = 0; picture < 50; picture++) {
      const rows = Array.from({ length: 40 }, (): Row => {
        const [left, top] = [250 * random(), 80 + 100 * random()];
        const score = random() < 0.1 ? 0.5 : 0.1 + 0.8 * random();
        return [left, top, left + 20 + 30 * random(), top + 20 + 30 * random(), score, Math.floor(3 * random())];
      });
      const certain = candidates(...rows.filter((row) => Math.fround(row[4]) >= Math.fround(0.5)));
      const { detections, faint } = foundIn(candidates(...rows), groups, letterboxed, everything);
      expect(detections).toEqual(detectionsIn(certain, groups, letterboxed, everything));
      expect(faint.every(({ score }) => score <= 0.5)).toBe(true);
      expect(faint.length).toBeGreaterThan(0);
    }
  });
});

describe('overlapGroups', () => {
  it('puts the vehicles of NanoDet together and leaves everything else by itself', () => {
    const { manifest } = shippedModel('nanodet-g');
    const found = overlapGroups(manifest);
    const of = (label: string) => found[manifest.labels.indexOf(label)];
    expect(new Set(['car', 'bus', 'train', 'truck'].map(of)).size).toBe(1);
    expect(of('person')).toBe(manifest.labels.indexOf('person'));
    expect(new Set(found).size).toBe(77);
  });
});
