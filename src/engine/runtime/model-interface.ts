import type { InferenceSession } from 'onnxruntime-node';
import type { ModelManifest } from '../../shared/domain/model.ts';
import type { Decoder } from '../decoders/decoder.ts';

type Metadata = readonly InferenceSession.ValueMetadata[];

/**
 * Null, or in words why a model's inputs and outputs are not what its manifest says. Found out here, because a wrong
 * shape would otherwise surface as a native error in the middle of a night, or as boxes in wrong places.
 */
export function interfaceMisfit(
  inputs: Metadata,
  outputs: Metadata,
  manifest: ModelManifest,
  decoder: Decoder,
): string | null {
  return inputMisfit(inputs, manifest) ?? outputMisfit(outputs, manifest, decoder);
}

function inputMisfit(inputs: Metadata, { input, tiers }: ModelManifest): string | null {
  const [only] = inputs;
  if (inputs.length !== 1 || only?.name !== input.name) {
    return `it has the inputs ${names(inputs)}; the manifest names "${input.name}" alone`;
  }
  if (!only.isTensor || only.type !== input.type) {
    return `its input "${only.name}" is ${only.isTensor ? only.type : 'no tensor'}; uint8 is needed`;
  }
  const [batch, height, width, channels] = only.shape;
  if (only.shape.length !== 4 || channels !== 3) {
    return `its input "${only.name}" has the shape [${only.shape.join(', ')}]; [batch, height, width, 3] is needed`;
  }
  if (typeof batch === 'number') {
    return `its batch size is fixed at ${batch}; it has to be exported with a free batch axis`;
  }
  if (typeof height === 'string' && typeof width === 'string') return null;
  const fixed = `its input is fixed at ${String(width)}×${String(height)}`;
  if (input.multipleOf > 0) return `${fixed}; the manifest says any multiple of ${input.multipleOf}`;
  const wrong = Object.values(tiers).find((size) => !fits(size.width, width) || !fits(size.height, height));
  return wrong === undefined ? null : `${fixed}; a tier of the manifest has ${wrong.width}×${wrong.height}`;
}

function outputMisfit(outputs: Metadata, manifest: ModelManifest, decoder: Decoder): string | null {
  const { name } = manifest.output;
  const output = outputs.find((candidate) => candidate.name === name);
  if (output === undefined) return `it has the outputs ${names(outputs)}; the manifest names "${name}"`;
  if (!output.isTensor || output.type !== 'float32') {
    return `its output "${name}" is ${output.isTensor ? output.type : 'no tensor'}; float32 is needed`;
  }
  const misfit = decoder.misfit(output.shape);
  return misfit === null ? null : `its output "${name}" is no ${manifest.family}: ${misfit}`;
}

const fits = (wanted: number, size: number | string | undefined): boolean =>
  typeof size === 'string' || size === wanted;
const names = (values: Metadata): string => values.map((value) => `"${value.name}"`).join(', ') || '(none)';
