/** Builds models/tiny-colour/model.onnx. Run with `npx node scripts/models/build-tiny-colour.mjs` (Node 24). */
import { writeModel } from './model-folder.mjs';
import { tinyColourLabels, tinyColourOnnx } from './tiny-colour-graph.mjs';
import { withUint8Input } from './uint8-input.mjs';

const floatModel = tinyColourOnnx({
  producer: 'nightshift',
  metadata: {
    license: 'Apache-2.0 (no trained weights)',
    names: JSON.stringify(tinyColourLabels),
    imgszMultiple: '8',
    task: 'detect',
    layout: 'yolov8 [N,4+C,A] cxcywh px',
    input: 'RGB 0..1 NCHW letterbox',
  },
});
writeModel('tiny-colour', withUint8Input(floatModel));
