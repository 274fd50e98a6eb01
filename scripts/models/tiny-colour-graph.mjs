import { cellCentres } from './cell-centres.mjs';
import { OnnxGraph } from './onnx-graph.mjs';

export const tinyColourLabels = ['red', 'green', 'blue'];

/** The picture is judged in cells of this many pixels … */
const cell = 8;
/** … each looking at a window of 17 × 17 cells around it. */
const reach = 8;
const window = 2 * reach + 1;
const colours = tinyColourLabels.length;

/**
 * A detector without trained weights, for tests with known truth: finds solid, saturated red, green and blue rectangles
 * of 16 to 100 px, one a colour within a window of 136 px. `images` float32 [batch, 3, height, width], R, G, B of 0..1,
 * sizes in multiples of 8 → `output0` float32 [batch, 4 + 3, 3 · cells], the layout of NanoDet's output.
 *
 * A box is the centroid of a colour's mass in the window and √(12 · variance) of it, which for one solid rectangle is
 * its width and height; the score is size × centring × fill, each of 0..1.
 *
 * @returns {Buffer} the .onnx file
 */
export function tinyColourOnnx({ producer, metadata }) {
  const graph = new OnnxGraph();
  const images = graph.input('images', ['batch', 3, 'height', 'width']);
  const { op, binary, clipped } = operations(graph);
  const moments = windowMoments(graph, colourMass(graph, images));

  const mass = binary('Max', moments.mass, 1e-3);
  const perMass = (value) => binary('Div', value, mass);
  const offsetX = perMass(moments.x);
  const offsetY = perMass(moments.y);
  // In cells; the least variance of a quarter keeps an empty window's size positive.
  const extent = (square, offset) => {
    const variance = binary('Sub', perMass(square), binary('Mul', offset, offset));
    return op('Sqrt', binary('Max', binary('Sub', binary('Mul', variance, 12), 1), 0.25));
  };
  const width = extent(moments.xx, offsetX);
  const height = extent(moments.yy, offsetY);

  const offCentre = binary('Max', op('Abs', offsetX), op('Abs', offsetY));
  const centring = clipped(binary('Sub', graph.float(1.5), offCentre));
  const size = clipped(binary('Mul', mass, 0.5));
  const filled = binary('Div', mass, binary('Mul', width, height));
  const fill = clipped(binary('Sub', binary('Mul', filled, 1.4), 0.3));
  const score = clipped(binary('Mul', binary('Mul', centring, size), fill));

  const centres = cellCentres(graph, op('Shape', images), cell);
  const inPixels = (value) => binary('Mul', value, cell);
  const boxes = graph.op(
    'Concat',
    [
      binary('Add', inPixels(offsetX), centres.x),
      binary('Add', inPixels(offsetY), centres.y),
      inPixels(width),
      inPixels(height),
    ],
    { axis: 2 },
  );
  // One anchor per colour and cell, whose score goes to the row of its own colour only.
  const ownRow = Array.from({ length: colours ** 2 }, (_, i) => (i % (colours + 1) === 0 ? 1 : 0));
  const scores = binary('Mul', swapped(graph, score), graph.floats([1, colours, colours, 1], ownRow));
  const rows = (value, count) => graph.op('Reshape', [value, graph.integers([0, count, -1])]);
  graph.op('Concat', [rows(swapped(graph, boxes), 4), rows(scores, colours)], { axis: 1, outputs: ['output0'] });
  graph.output('output0', ['batch', 4 + colours, 'anchors']);
  return graph.serialize({ name: 'tiny_colour_boxes', producer, metadata });
}

/** How much of each cell has the colour: [batch, 3, rows, columns], 0..1. */
function colourMass(graph, images) {
  const { binary, clipped } = operations(graph);
  const differences = graph.floats(
    [2 * colours, colours, 1, 1],
    [
      [1, -1, 0],
      [-1, 1, 0],
      [-1, 0, 1],
      [1, 0, -1],
      [0, 1, -1],
      [0, -1, 1],
    ].flat(),
  );
  const difference = graph.op('Conv', [images, differences], { kernel_shape: [1, 1] });
  const halves = graph.node('Split', [difference, graph.integers([colours, colours])], { axis: 1, outputs: 2 }).output;
  const lead = graph.op('Min', halves);
  const mask = clipped(binary('Mul', binary('Sub', lead, 0.2), 4));
  return graph.op('AveragePool', [mask], { kernel_shape: [cell, cell], strides: [cell, cell] });
}

/** Sums of 1, x, y, x², y² over the mass in each cell's window, each [batch, 3, 1, cells]. */
function windowMoments(graph, mass) {
  const kernel = [];
  for (let colour = 0; colour < colours; colour++) {
    for (const moment of [() => 1, (x) => x, (_, y) => y, (x) => x * x, (_, y) => y * y]) {
      for (let y = -reach; y <= reach; y++) for (let x = -reach; x <= reach; x++) kernel.push(moment(x, y));
    }
  }
  const convolved = graph.op('Conv', [mass, graph.floats([5 * colours, 1, window, window], kernel)], {
    kernel_shape: [window, window],
    pads: [reach, reach, reach, reach],
    group: colours,
  });
  const perColour = graph.op('Reshape', [convolved, graph.integers([0, colours, 5, -1])]);
  const parts = graph.node('Split', [perColour, graph.integers([1, 1, 1, 1, 1])], { axis: 2, outputs: 5 }).output;
  return { mass: parts[0], x: parts[1], y: parts[2], xx: parts[3], yy: parts[4] };
}

const swapped = (graph, value) => graph.op('Transpose', [value], { perm: [0, 2, 1, 3] });

function operations(graph) {
  const operand = (value) => (typeof value === 'number' ? graph.float(value) : value);
  return {
    op: (opType, value) => graph.op(opType, [value]),
    binary: (opType, left, right) => graph.op(opType, [left, operand(right)]),
    clipped: (value) => graph.op('Clip', [value, graph.float(0), graph.float(1)]),
  };
}
