import type { Detection } from '../../shared/domain/detection.ts';
import type { LabelledDetection } from '../../shared/domain/picture-api.ts';

export const labelled = (detections: readonly Detection[], labels: readonly string[]): readonly LabelledDetection[] =>
  detections.map(({ classIndex, score, box }) => ({ class: labels[classIndex] ?? String(classIndex), score, box }));
