import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Reads a TensorFlow.js graph model: its nodes, and its constants as typed arrays.
 *
 * @returns {{ nodes: Map<string, { name: string, op: string, inputs: string[], attributes: object }>,
 *   constants: Map<string, { shape: number[], data: Float32Array | Int32Array }> }}
 */
export function readTfjsModel(jsonFile) {
  const model = JSON.parse(readFileSync(jsonFile, 'utf8'));
  return {
    nodes: new Map(model.modelTopology.node.map((node) => [node.name, readNode(node)])),
    constants: readConstants(model.weightsManifest, dirname(jsonFile)),
  };
}

function readNode(node) {
  // A leading ^ marks an input that only orders the execution.
  const inputs = (node.input ?? []).filter((input) => !input.startsWith('^'));
  const attributes = Object.fromEntries(
    Object.entries(node.attr ?? {}).map(([name, value]) => [name, attributeValue(value)]),
  );
  return { name: node.name, op: node.op, inputs, attributes };
}

function attributeValue(value) {
  if (value.list) return (value.list.i ?? []).map(Number);
  if (value.s !== undefined) return Buffer.from(value.s, 'base64').toString();
  if (value.i !== undefined) return Number(value.i);
  return value.f ?? value.b;
}

function readConstants(manifest, folder) {
  const constants = new Map();
  for (const group of manifest) {
    const bytes = Buffer.concat(group.paths.map((path) => readFileSync(join(folder, path))));
    let offset = 0;
    for (const weight of group.weights) {
      const length = weight.shape.reduce((product, size) => product * size, 1);
      const Stored = storedArray(weight);
      const end = offset + length * Stored.BYTES_PER_ELEMENT;
      // Copied out, because a typed array must start on a multiple of its element size.
      const stored = new Stored(Uint8Array.from(bytes.subarray(offset, end)).buffer);
      const data = stored instanceof Float16Array ? Float32Array.from(stored) : stored;
      constants.set(weight.name, { shape: weight.shape, data });
      offset = end;
    }
    if (offset !== bytes.length) throw new Error(`the weights end at ${offset}, their file at ${bytes.length} bytes`);
  }
  return constants;
}

function storedArray(weight) {
  if (weight.quantization?.dtype === 'float16') return Float16Array;
  if (weight.quantization === undefined && weight.dtype === 'float32') return Float32Array;
  if (weight.quantization === undefined && weight.dtype === 'int32') return Int32Array;
  throw new Error(`${weight.name}: weights stored as ${JSON.stringify(weight)} are not understood`);
}
