import { floatAttribute } from './onnx-graph.mjs';

/**
 * Translates a TensorFlow.js graph into nodes of an OnnxGraph, as far as NanoDet's graph needs it.
 *
 * TensorFlow computes in NHWC, ONNX in NCHW. Instead of moving data around, each value carries the mapping from its
 * logical (TensorFlow) axes to the axes it really has: `axes[logical] = physical`. A Transpose then emits no node, and
 * convolutions stay NCHW throughout. A constant is `{ shape, data }`, any other value `{ output, shape, axes }` with
 * its *logical* shape, and where it matters `pad` (a padding that the next node may take over), `convolution` (the node
 * that made it, for bias folding) or `inputFold` (scale and channel order to be folded into the first convolution).
 */

const nhwcHeldAsNchw = [0, 2, 3, 1];

/**
 * @param {ReturnType<import('./tfjs-model.mjs').readTfjsModel>} model
 * @param {import('./onnx-graph.mjs').OnnxGraph} graph
 * @param {{ output: string, shape: number[], axes: number[], inputFold: { channels: number[], scale: number[] } }} input
 *   What stands in for the graph's placeholder.
 * @param {string[]} outputs Names of the TensorFlow nodes that are wanted.
 * @returns {{ output: string, shape: number[], axes: number[] }[]} One value for each of `outputs`.
 */
export function translateTfjs(model, graph, input, outputs) {
  const translation = new Translation(model, graph, input, outputs);
  return outputs.map((name) => translation.valueOf(name));
}

class Translation {
  #model;
  #graph;
  #input;
  #consumers = new Map();
  /** `node:output` → value. */
  #values = new Map();
  #visited = new Set();

  constructor(model, graph, input, outputs) {
    this.#model = model;
    this.#graph = graph;
    this.#input = input;
    this.#countConsumers(outputs);
    for (const name of outputs) this.#visit(name);
  }

  valueOf(name) {
    return this.#values.get(`${name}:0`);
  }

  #countConsumers(outputs) {
    const seen = new Set();
    const count = (name) => {
      if (seen.has(name)) return;
      seen.add(name);
      for (const input of this.#model.nodes.get(name).inputs) {
        const source = reference(input).node;
        this.#consumers.set(source, (this.#consumers.get(source) ?? 0) + 1);
        count(source);
      }
    };
    outputs.forEach(count);
  }

  #visit(name) {
    if (this.#visited.has(name)) return;
    this.#visited.add(name);
    const node = this.#model.nodes.get(name);
    if (node === undefined) throw new Error(`the graph has no node ${name}`);
    for (const input of node.inputs) this.#visit(reference(input).node);
    const inputs = node.inputs.map((input) => this.#values.get(reference(input).key));
    const result = this.#translate(node, inputs);
    const values = Array.isArray(result) ? result : [result];
    values.forEach((value, index) => this.#values.set(`${name}:${index}`, value));
  }

  #translate(node, inputs) {
    switch (node.op) {
      case 'Const':
        return this.#model.constants.get(node.name);
      case 'Placeholder':
        return this.#input;
      case 'Identity':
        return inputs[0];
      case 'SparseToDense':
        return filled(inputs);
      case 'Transpose':
        return transposed(inputs[0], [...inputs[1].data]);
      case 'Pad':
      case 'PadV2':
        return padded(inputs[0], inputs[1].data, inputs[2]?.data[0] ?? 0);
      case 'Conv2D':
        return this.#convolution(node, inputs);
      case 'Add':
      case 'AddV2':
        return this.#addition(node, inputs);
      case 'Sigmoid':
        return this.#elementwise('Sigmoid', inputs[0]);
      case 'LeakyRelu':
        return this.#elementwise('LeakyRelu', inputs[0], { alpha: floatAttribute(node.attributes.alpha) });
      case 'MaxPool':
        return this.#maxPool(node, inputs[0]);
      case 'ConcatV2':
        return this.#concatenation(inputs);
      case 'SplitV':
        return this.#split(inputs);
      case 'ResizeBilinear':
        return this.#resize(node, inputs);
      case 'Reshape':
        return this.#reshape(inputs);
      default:
        throw new Error(`${node.name}: the operation ${node.op} is not translated`);
    }
  }

  #elementwise(opType, value, attributes = {}) {
    const source = this.#withPadding(value);
    return { output: this.#graph.op(opType, [source.output], attributes), shape: source.shape, axes: source.axes };
  }

  #convolution({ name, attributes }, [input, kernel]) {
    expectValidPadding(name, attributes);
    expectAxes(input, nhwcHeldAsNchw, name);
    const [kernelHeight, kernelWidth, inChannels, outChannels] = kernel.shape;
    const [strideY, strideX] = attributes.strides.slice(1, 3);
    const { source, pads } = this.#takePadding(input, (value) => value === 0);
    const weights = this.#graph.floats(
      [outChannels, inChannels, kernelHeight, kernelWidth],
      kernelAsOihw(kernel, input.inputFold),
      // The first layer keeps its exact weights: its scale was folded in and no longer fits float16.
      { name: this.#graph.uniqueName('conv_w'), exact: input.inputFold !== undefined },
    );
    const node = this.#graph.node('Conv', [source.output, weights], {
      kernel_shape: [kernelHeight, kernelWidth],
      strides: [strideY, strideX],
      pads,
      dilations: attributes.dilations.slice(1, 3),
      group: 1,
    });
    const shape = [1, slides(input.shape[1], kernelHeight, strideY), slides(input.shape[2], kernelWidth, strideX)];
    return {
      output: node.output[0],
      shape: [...shape, outChannels],
      axes: nhwcHeldAsNchw,
      convolution: { node, outChannels, name },
    };
  }

  #addition(node, [left, right]) {
    if (left.data !== undefined && right.data !== undefined) return addConstants(left, right);
    if (left.data !== undefined) return this.#addition(node, [right, left]);
    if (right.data !== undefined) return this.#addConstant(node, left, right);
    const [a, b] = [this.#withPadding(left), this.#withPadding(right)];
    expectAxes(b, a.axes, node.name);
    return { output: this.#graph.op('Add', [a.output, b.output]), shape: broadcast(a.shape, b.shape), axes: a.axes };
  }

  #addConstant(node, value, constant) {
    const source = this.#withPadding(value);
    const { convolution } = source;
    const isBias =
      convolution !== undefined &&
      convolution.node.input.length === 2 &&
      this.#consumers.get(convolution.name) === 1 &&
      reference(node.inputs[0]).node === convolution.name &&
      constant.data.length === convolution.outChannels &&
      constant.shape.at(-1) === convolution.outChannels &&
      source.axes[3] === 1;
    if (!isBias) throw new Error(`${node.name}: a constant is added that is no convolution's bias`);
    const name = this.#graph.uniqueName('conv_b');
    convolution.node.input.push(this.#graph.floats([convolution.outChannels], constant.data, { name }));
    this.#graph.moveToEnd(convolution.node);
    return source;
  }

  #maxPool({ name, attributes }, input) {
    expectValidPadding(name, attributes);
    expectAxes(input, nhwcHeldAsNchw, name);
    const [height, width] = attributes.ksize.slice(1, 3);
    const [strideY, strideX] = attributes.strides.slice(1, 3);
    // A border below every value can never be the maximum, which is what ONNX's own padding means.
    const { source, pads } = this.#takePadding(input, (value) => value <= -1e9);
    const [, rows, columns, channels] = input.shape;
    return {
      output: this.#graph.op('MaxPool', [source.output], {
        kernel_shape: [height, width],
        strides: [strideY, strideX],
        pads,
      }),
      shape: [1, slides(rows, height, strideY), slides(columns, width, strideX), channels],
      axes: nhwcHeldAsNchw,
    };
  }

  #concatenation(inputs) {
    const parts = inputs.slice(0, -1).map((part) => this.#withPadding(part));
    const { shape, axes } = parts[0];
    parts.forEach((part) => expectAxes(part, axes, 'ConcatV2'));
    const axis = logicalAxis(inputs.at(-1), shape);
    const length = parts.reduce((sum, part) => sum + part.shape[axis], 0);
    return {
      output: this.#graph.op(
        'Concat',
        parts.map((part) => part.output),
        { axis: axes[axis] },
      ),
      shape: shape.with(axis, length),
      axes,
    };
  }

  #split([input, sizes, axisConstant]) {
    const source = this.#withPadding(input);
    const axis = logicalAxis(axisConstant, source.shape);
    const lengths = [...sizes.data];
    const node = this.#graph.node('Split', [source.output, this.#graph.integers(lengths)], {
      axis: source.axes[axis],
      outputs: lengths.length,
    });
    return lengths.map((length, index) => ({
      output: node.output[index],
      shape: source.shape.with(axis, length),
      axes: source.axes,
    }));
  }

  /** Written as a factor, so that it holds for any input size. */
  #resize({ name, attributes }, [input, size]) {
    if (!attributes.half_pixel_centers) throw new Error(`${name}: only half-pixel centres are translated`);
    const source = this.#withPadding(input);
    expectAxes(source, nhwcHeldAsNchw, name);
    const [, rows, columns, channels] = source.shape;
    const [toRows, toColumns] = size.data;
    const scales = this.#graph.floats([4], [1, 1, toRows / rows, toColumns / columns]);
    return {
      output: this.#graph.op('Resize', [source.output, '', scales], {
        mode: 'linear',
        coordinate_transformation_mode: 'half_pixel',
      }),
      shape: [1, toRows, toColumns, channels],
      axes: nhwcHeldAsNchw,
    };
  }

  /** Keeps the batch axis and leaves the last one open, so that it holds for any input size. */
  #reshape([input, target]) {
    const source = this.#withPadding(input);
    const shape = [...target.data];
    const open = shape.indexOf(-1);
    if (open >= 0) shape[open] = product(source.shape) / -product(shape);
    if (shape[0] !== 1 || source.shape[0] !== 1) throw new Error('a Reshape must keep the batch axis');
    const logicalOrder = source.shape.map((_, axis) => axis);
    expectAxes(source, logicalOrder, 'Reshape');
    return {
      output: this.#graph.op('Reshape', [source.output, this.#graph.integers([0, ...shape.slice(1, -1), -1])]),
      shape,
      axes: shape.map((_, axis) => axis),
    };
  }

  /** The value with its pending padding carried out by a node of its own. */
  #withPadding(value) {
    if (value.pad === undefined) return value;
    const { begin, end, fill } = value.pad;
    const fillInput = fill === 0 ? [] : [this.#graph.float(fill)];
    const output = this.#graph.op('Pad', [value.output, this.#graph.integers([...begin, ...end]), ...fillInput]);
    return { output, shape: value.shape, axes: value.axes };
  }

  /** A pending padding as `pads` of an NCHW window operation, where it lies on height and width only. */
  #takePadding(value, fits) {
    if (value.pad === undefined) return { source: value, pads: [0, 0, 0, 0] };
    const { begin, end, fill } = value.pad;
    const spatialOnly = begin[0] === 0 && begin[1] === 0 && end[0] === 0 && end[1] === 0;
    if (!spatialOnly || !fits(fill)) return { source: this.#withPadding(value), pads: [0, 0, 0, 0] };
    return { source: value, pads: [begin[2], begin[3], end[2], end[3]] };
  }
}

function reference(input) {
  const [, node, output] = /^(.*?)(?::(\d+))?$/.exec(input);
  return { node, key: `${node}:${output ?? 0}` };
}

/** A dense tensor of one value (SparseToDense without any entries). */
function filled([indices, shape, values, fill]) {
  if (values.data.length > 0 || indices.data.length > 0) throw new Error('SparseToDense: only empty ones are translated');
  const dims = [...shape.data];
  return { shape: dims, data: new Int32Array(product(dims)).fill(fill.data[0]) };
}

function transposed(value, order) {
  return { ...value, shape: order.map((axis) => value.shape[axis]), axes: order.map((axis) => value.axes[axis]) };
}

function padded(value, paddings, fill) {
  if (value.pad !== undefined) throw new Error('a padding of a padding is not translated');
  const begin = value.shape.map(() => 0);
  const end = value.shape.map(() => 0);
  value.axes.forEach((physical, logical) => {
    begin[physical] = paddings[2 * logical];
    end[physical] = paddings[2 * logical + 1];
  });
  const shape = value.shape.map((size, axis) => size + paddings[2 * axis] + paddings[2 * axis + 1]);
  const isNone = begin.every((size) => size === 0) && end.every((size) => size === 0);
  const { convolution: _, ...rest } = value;
  return isNone ? { ...rest, shape } : { ...rest, shape, pad: { begin, end, fill } };
}

function addConstants(left, right) {
  const [long, short] = left.data.length >= right.data.length ? [left.data, right.data] : [right.data, left.data];
  return { shape: broadcast(left.shape, right.shape), data: long.map((value, i) => value + short[i % short.length]) };
}

/**
 * HWIO → OIHW. With `inputFold` the model's own normalisation goes into the weights: input channel c of TensorFlow is
 * channel `channels[c]` of ours, times `scale[c]`.
 */
function kernelAsOihw({ shape: [height, width, inChannels, outChannels], data }, inputFold) {
  const weights = new Float32Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < inChannels; c++) {
        const channel = inputFold?.channels[c] ?? c;
        const scale = inputFold?.scale[c] ?? 1;
        for (let o = 0; o < outChannels; o++) {
          const from = ((y * width + x) * inChannels + c) * outChannels + o;
          weights[((o * inChannels + channel) * height + y) * width + x] = data[from] * scale;
        }
      }
    }
  }
  return weights;
}

const slides = (size, window, stride) => Math.floor((size - window) / stride) + 1;
const product = (shape) => shape.reduce((result, size) => result * size, 1);

function broadcast(a, b) {
  const rank = Math.max(a.length, b.length);
  const sizeAt = (shape, axis) => shape[axis - rank + shape.length] ?? 1;
  return Array.from({ length: rank }, (_, axis) => Math.max(sizeAt(a, axis), sizeAt(b, axis)));
}

function logicalAxis(constant, shape) {
  const axis = constant.data[0];
  return axis < 0 ? axis + shape.length : axis;
}

function expectAxes(value, axes, name) {
  if (value.axes.join() !== axes.join()) throw new Error(`${name}: axes ${value.axes}, expected ${axes}`);
}

function expectValidPadding(name, attributes) {
  if (attributes.padding !== 'VALID') throw new Error(`${name}: padding ${attributes.padding} is not translated`);
}
