import type { ResultRow } from '../operations.ts';
import { seen } from './store-fixture.ts';

/** What a shed frame shows: none to two boxes, a function of its time alone. */
export function repairedRow(frame: number): ResultRow {
  const count = Math.floor(frame / 200) % 3;
  return {
    frame,
    timeMs: frame,
    detections: Array.from({ length: count }, (_, i) => seen(i, 0.5, [i * 10, 1, 20, 30])),
  };
}
