import { expect, test } from 'vitest';
import { pipelineVersion, type RecipeSettings } from '../../shared/domain/model.ts';
import type { Ticket } from '../../shared/engine/protocol.ts';
import type { PixelSize } from '../../store/operations.ts';
import { FedPiece } from './fed-piece.ts';

const settings: RecipeSettings = {
  tier: 'normal',
  input: { width: 416, height: 256 },
  fit: 'aspect',
  motionGate: false,
  fps: null,
  score: 0.3,
  iou: 0.6,
  classes: null,
  pipelineVersion,
};
const fed = (pixels: PixelSize | null): FedPiece =>
  new FedPiece({
    cameraId: 'gate',
    sourceId: 1,
    recipeId: 1,
    modelId: 'nanodet-g',
    settings,
    file: 'gate/day/0.mp4',
    startMs: 0,
    pixels,
    frames: [1_000],
  });
const ticket: Ticket = {
  frameId: 1,
  lane: 'archive',
  source: 'repair.1',
  frame: 0,
  // The nearest picture of the footage is a little later.
  timeMs: 1_080,
  capturedMonoMs: 0,
  capturedAtMs: 0,
  sourceWidth: 1_280,
  sourceHeight: 720,
  motion: null,
};

test.each([
  ['what was analysed live was half as large', { width: 640, height: 360 }, [50, 25, 20, 10]],
  ['it was squeezed', { width: 640, height: 720 }, [50, 50, 20, 20]],
  ['nothing was analysed live', null, [100, 50, 40, 20]],
] as const)('boxes out of a larger stream are in pixels of the one that is analysed: %s', (_, pixels, box) => {
  const piece = fed(pixels);
  piece.announced(ticket);
  piece.analysed(ticket, [{ classIndex: 0, score: 0.9, box: [100, 50, 40, 20] }]);
  expect(piece.take()?.rows).toMatchObject([{ frame: 1_000, timeMs: 1_000, detections: [{ box }] }]);
});
