import { workShape } from '../../core/scheduler/work-shape.ts';
import { modelManifestSchema } from '../../shared/domain/model.ts';
import { fittingWork, type PreparedWork } from '../models/work.ts';

/** Work of a model of that name, which scripted engines load without looking. */
export function testWork(modelId = 'nanodet-g', size = 416): PreparedWork {
  const manifest = modelManifestSchema.parse({
    id: modelId,
    name: modelId,
    version: '1.0.0',
    family: 'yolo-head',
    file: 'model.onnx',
    sha256: '0'.repeat(64),
    input: { name: 'pixels', type: 'uint8', layout: 'nhwc', padding: 114, multipleOf: 32 },
    output: { name: 'output0' },
    tiers: { normal: { width: size, height: size } },
    labels: ['person', 'car'],
    score: 0.4,
    iou: 0.6,
    licence: 'Apache-2.0',
    provenance: 'Written for a test.',
  });
  const model = { manifest, file: `/models/${modelId}/model.onnx` };
  return fittingWork(
    model,
    1,
    workShape(modelId, { width: size, height: size }, { score: 0.4, iou: 0.6, classes: null }),
  );
}
