import { expect, it } from 'vitest';
import type { Box } from '../../shared/domain/detection.ts';
import { movedBoxes } from './moved-boxes.ts';

const at = (capturedAtMs: number, trackId: number | null, box: Box) => ({
  capturedAtMs,
  detections: [{ classIndex: 0, label: 'person', score: 0.8, trackId, isStationary: false, box }],
});

it('moves a walker on by its speed, half a step later by half a step', () => {
  const [moved] = movedBoxes(at(1200, 7, [110, 52, 20, 60]), at(1000, 7, [100, 50, 20, 60]), 1300);
  expect(moved?.box).toEqual([115, 53, 20, 60]);
});

it('leaves a box where it was found: on its own picture, without a track, after a jump, or when too much time lies between', () => {
  const found: Box = [110, 50, 20, 60];
  const before = at(1000, 7, [100, 50, 20, 60]);
  for (const boxes of [
    movedBoxes(at(1200, 7, found), before, 1200),
    movedBoxes(at(1200, null, found), before, 1300),
    movedBoxes(at(1200, 8, found), before, 1300),
    movedBoxes(at(1200, 7, found), at(1000, 7, [10, 50, 20, 60]), 1300),
    movedBoxes(at(1200, 7, found), null, 1300),
    movedBoxes(at(9000, 7, found), before, 9100),
    movedBoxes(at(1200, 7, found), before, 2300),
  ]) {
    expect(boxes[0]?.box).toEqual(found);
  }
});
