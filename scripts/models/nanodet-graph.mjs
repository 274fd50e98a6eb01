import { cellCentres } from './cell-centres.mjs';
import { OnnxGraph } from './onnx-graph.mjs';
import { translateTfjs } from './tfjs-to-onnx.mjs';

/** Score and box outputs of the TensorFlow.js graph, for strides 8, 16 and 32. */
const scoreOutputs = ['Identity', 'Identity_1', 'Identity_2'];
const distanceOutputs = ['Identity_3', 'Identity_4', 'Identity_5'];
const strides = [8, 16, 32];
/** A box edge's distance is a distribution over this many steps of the stride. */
const bins = 11;
const classes = 80;

/** NanoDet is trained on B, G, R of 0..255, normalised with these. */
const mean = [103.53, 116.28, 123.675];
const deviation = [57.375, 57.12, 58.395];

/**
 * NanoDet with weights in float16 and any input size in multiples of 32:
 * `images` float32 [batch, 3, height, width], R, G, B of 0..1 → `output0` float32 [batch, 84, anchors], the rows centre
 * x, centre y, width, height in input pixels and 80 scores after sigmoid; anchors level by level, row by row.
 *
 * @param {ReturnType<import('./tfjs-model.mjs').readTfjsModel>} model
 * @returns {Buffer} the .onnx file
 */
export function nanodetOnnx(model, { producer, metadata }) {
  const graph = new OnnxGraph({ halfWeights: true });
  const values = translateTfjs(model, graph, normalisedInput(graph), [...scoreOutputs, ...distanceOutputs]);
  const outputs = values.map(channelsFirst);
  const scores = graph.op('Concat', outputs.slice(0, strides.length), { axis: 2 });
  const distributions = graph.op('Concat', outputs.slice(strides.length), { axis: 2 });
  const boxes = boxesOf(graph, distributions);
  graph.op('Concat', [boxes, scores], { axis: 1, outputs: ['output0'] });
  graph.output('output0', ['batch', 4 + classes, 'anchors']);
  return graph.serialize({ name: 'nanodet_g', producer, metadata });
}

/** TensorFlow's [1, anchors, channels] is held as [batch, channels, anchors], which is what we want. */
function channelsFirst({ output, axes }) {
  if (axes.join() !== '0,2,1') throw new Error(`${output}: axes ${axes}, expected the channels before the anchors`);
  return output;
}

/** R, G, B of 0..1 in place of the placeholder: the mean is subtracted here, scale and order go into the first layer. */
function normalisedInput(graph) {
  const images = graph.input('images', ['batch', 3, 'height', 'width']);
  const meanRgb = mean.map((value) => value / 255).reverse();
  return {
    output: graph.op('Sub', [images, graph.floats([1, 3, 1, 1], meanRgb)]),
    shape: [1, 3, 416, 416],
    axes: [0, 1, 2, 3],
    inputFold: { channels: [2, 1, 0], scale: deviation.map((value) => 255 / value) },
  };
}

/** [batch, 4 · bins, anchors] edge distributions → [batch, 4, anchors] boxes as centre x, centre y, width, height. */
function boxesOf(graph, distributions) {
  // A distance is the mean of its distribution, Σ i·softmax(i) = Σ i·exp / Σ exp: both sums of all four edges in one
  // 1×1 convolution.
  const exponentials = graph.op('Exp', [graph.op('Clip', [distributions, graph.float(-40), graph.float(40)])]);
  const sums = new Float32Array(8 * 4 * bins);
  for (let edge = 0; edge < 4; edge++) {
    for (let bin = 0; bin < bins; bin++) {
      sums[edge * 4 * bins + edge * bins + bin] = bin;
      sums[(4 + edge) * 4 * bins + edge * bins + bin] = 1;
    }
  }
  const sumConvolution = graph.op('Conv', [exponentials, graph.floats([8, 4 * bins, 1], sums)], { kernel_shape: [1] });
  const [weighted, total] = graph.node('Split', [sumConvolution, graph.integers([4, 4])], { axis: 1, outputs: 2 }).output;
  const { centres, steps } = anchorsOf(graph);
  const distances = graph.op('Mul', [graph.op('Div', [weighted, total]), graph.op('Concat', steps, { axis: 2 })]);
  // left, top, right, bottom distances → offset of the centre, width, height
  const toCentreAndSize = [
    [-0.5, 0, 0.5, 0],
    [0, -0.5, 0, 0.5],
    [1, 0, 1, 0],
    [0, 1, 0, 1],
  ];
  const offsets = graph.op('Conv', [distances, graph.floats([4, 4, 1], toCentreAndSize.flat())], { kernel_shape: [1] });
  return graph.op('Add', [offsets, graph.op('Concat', centres, { axis: 2 })]);
}

/**
 * Per stride: `centres` [1, 4, anchors] (centre x, centre y, 0, 0 of every cell) and `steps` [1, 1, anchors] (the
 * stride), computed in the graph from the size of the input.
 */
function anchorsOf(graph) {
  const shape = graph.op('Shape', ['images']);
  const centres = [];
  const steps = [];
  for (const stride of strides) {
    const { x, y } = cellCentres(graph, shape, stride);
    const zero = graph.op('Sub', [x, x]);
    centres.push(graph.op('Concat', [x, y, zero, zero], { axis: 1 }));
    steps.push(graph.op('Add', [zero, graph.float(stride)]));
  }
  return { centres, steps };
}
