import onnxProto from 'onnx-proto';

const { onnx } = onnxProto;

/** The element types of ONNX (TensorProto.DataType) that the model scripts use. */
export const elementType = { float: 1, uint8: 2, int64: 7, float16: 10 };

/** Marks an attribute as FLOAT; a bare number is an INT. */
export const floatAttribute = (value) => ({ float: value });

/** Constants up to this many numbers are written once and shared. */
const sharedUpTo = 64;
/** Weights of fewer numbers than this stay float32 even where weights are stored as float16. */
const halfFrom = 256;

/**
 * A graph under construction. Names are numbered in the order of the calls and nothing else enters the file, so the
 * same calls always give the same bytes.
 */
export class OnnxGraph {
  #halfWeights;
  #nodes = [];
  #initializers = [];
  #inputs = [];
  #outputs = [];
  #shared = new Map();
  #named = 0;

  /**
   * @param {{ halfWeights?: boolean }} [options] `halfWeights`: large float constants are stored as float16 behind a
   *   Cast, which onnxruntime folds when it loads the file: half the bytes, float32 arithmetic.
   */
  constructor({ halfWeights = false } = {}) {
    this.#halfWeights = halfWeights;
  }

  uniqueName(prefix) {
    return `${prefix}_${this.#named++}`;
  }

  /** Adds a node and returns it; `outputs` is a number of fresh outputs or their names. */
  node(opType, inputs, { outputs = 1, ...attributes } = {}) {
    const output = Array.isArray(outputs)
      ? outputs
      : Array.from({ length: outputs }, () => this.uniqueName(opType.toLowerCase()));
    const node = {
      opType,
      name: this.uniqueName('n'),
      input: [...inputs],
      output,
      attribute: Object.entries(attributes).map(([name, value]) => attributeProto(name, value)),
    };
    this.#nodes.push(node);
    return node;
  }

  /** Adds a node with one output and returns that output's name. */
  op(opType, inputs, attributes = {}) {
    return this.node(opType, inputs, attributes).output[0];
  }

  /** Moves a node behind everything added so far, for an input that it was given afterwards. */
  moveToEnd(node) {
    this.#nodes.splice(this.#nodes.indexOf(node), 1);
    this.#nodes.push(node);
  }

  /** A float constant; returns its name. `exact` keeps it float32 whatever its size. */
  floats(dims, values, { name, exact = false } = {}) {
    const data = Float32Array.from(values);
    const key = data.length <= sharedUpTo ? `f${dims.join()}:${[...data].join()}` : null;
    if (key !== null && this.#shared.has(key)) return this.#shared.get(key);
    const given = name ?? this.uniqueName('w');
    if (this.#halfWeights && !exact && data.length >= halfFrom) {
      this.#addInitializer(`${given}_h`, dims, elementType.float16, Float16Array.from(data));
      this.node('Cast', [`${given}_h`], { to: elementType.float, outputs: [given] });
    } else {
      this.#addInitializer(given, dims, elementType.float, data);
    }
    if (key !== null) this.#shared.set(key, given);
    return given;
  }

  /** A float constant of rank 0. */
  float(value) {
    return this.floats([], [value]);
  }

  /** A one-dimensional int64 constant. */
  integers(values) {
    const key = `i${values.join()}`;
    if (this.#shared.has(key)) return this.#shared.get(key);
    const name = this.uniqueName('i');
    this.#addInitializer(name, [values.length], elementType.int64, BigInt64Array.from(values, BigInt));
    this.#shared.set(key, name);
    return name;
  }

  /** An int64 constant of rank 0. */
  integer(value) {
    const name = this.uniqueName('s');
    this.#addInitializer(name, [], elementType.int64, BigInt64Array.of(BigInt(value)));
    return name;
  }

  /** A number in `dims` is a fixed size, a word a symbolic one. */
  input(name, dims) {
    this.#inputs.push(valueInfo(name, dims, elementType.float));
    return name;
  }

  output(name, dims) {
    this.#outputs.push(valueInfo(name, dims, elementType.float));
  }

  /** The .onnx file, without the nodes and constants that no output needs. */
  serialize({ name, producer, metadata }) {
    const needed = new Set(this.#outputs.map((output) => output.name));
    const kept = [];
    for (const node of this.#nodes.toReversed()) {
      if (!node.output.some((output) => needed.has(output))) continue;
      kept.push(node);
      for (const input of node.input) needed.add(input);
    }
    return encodeModel({
      irVersion: 8,
      producerName: producer,
      producerVersion: '1',
      docString: '',
      opsetImport: [{ domain: '', version: 17 }],
      metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
      graph: {
        name,
        node: kept.reverse(),
        initializer: this.#initializers.filter((initializer) => needed.has(initializer.name)),
        input: this.#inputs,
        output: this.#outputs,
      },
    });
  }

  #addInitializer(name, dims, dataType, data) {
    this.#initializers.push({ name, dims, dataType, rawData: Buffer.from(data.buffer) });
  }
}

export function valueInfo(name, dims, elemType) {
  const dim = dims.map((size) => (typeof size === 'string' ? { dimParam: size } : { dimValue: size }));
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}

export const decodeModel = (file) => onnx.ModelProto.decode(file);

/** Checks the message and returns the file's bytes. */
export function encodeModel(model) {
  const message = onnx.ModelProto.create(model);
  const wrong = onnx.ModelProto.verify(message);
  if (wrong) throw new Error(`not a valid ONNX model: ${wrong}`);
  return Buffer.from(onnx.ModelProto.encode(message).finish());
}

export function attributeProto(name, value) {
  const type = onnx.AttributeProto.AttributeType;
  if (typeof value === 'string') return { name, type: type.STRING, s: Buffer.from(value) };
  if (Array.isArray(value)) return { name, type: type.INTS, ints: value };
  if (typeof value === 'object') return { name, type: type.FLOAT, f: value.float };
  return { name, type: type.INT, i: value };
}
