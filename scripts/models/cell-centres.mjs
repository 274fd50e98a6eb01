import { elementType } from './onnx-graph.mjs';

/**
 * The centres of the cells of `stride` × `stride` pixels that cover the input, row by row, computed in the graph from
 * the input's size: `x` and `y`, each [1, 1, cells], in pixels.
 *
 * @param {import('./onnx-graph.mjs').OnnxGraph} graph
 * @param {string} shape the shape of the input [batch, channels, height, width]
 */
export function cellCentres(graph, shape, stride) {
  const cells = (axis) =>
    graph.op('Div', [graph.op('Gather', [shape, graph.integer(axis)], { axis: 0 }), graph.integer(stride)]);
  const unsqueezed = (value, axis) => graph.op('Unsqueeze', [value, graph.integers([axis])]);
  const rows = cells(2);
  const columns = cells(3);
  const grid = graph.op('Concat', [unsqueezed(rows, 0), unsqueezed(columns, 0)], { axis: 0 });
  const centreLine = (count) => {
    const index = graph.op('Range', [graph.integer(0), count, graph.integer(1)]);
    const middle = graph.op('Add', [graph.op('Cast', [index], { to: elementType.float }), graph.float(0.5)]);
    return graph.op('Mul', [middle, graph.float(stride)]);
  };
  const flat = (line) => graph.op('Reshape', [graph.op('Expand', [line, grid]), graph.integers([1, 1, -1])]);
  const x = flat(unsqueezed(centreLine(columns), 0));
  const y = flat(unsqueezed(centreLine(rows), 1));
  return { x, y };
}
