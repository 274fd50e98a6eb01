import type { ModelManifest } from '../../shared/domain/model.ts';
import { YoloHeadDecoder } from './yolo-head.ts';

/** A model's output as it left the device. */
export interface ModelOutput {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** Boxes of one picture that are certain enough, before overlaps are removed: parallel arrays of `count` entries. */
export interface Candidates {
  readonly count: number;
  /** Left, top, right, bottom in input pixels: four numbers a candidate. */
  readonly boxes: Float32Array;
  readonly scores: Float32Array;
  readonly classes: Int32Array;
}

/** Reads the output of one family of models. Holds scratch memory, so each loaded model has its own. */
export interface Decoder {
  /** Null, or in words why an output of this shape (symbolic sizes as words) is not this family's. */
  misfit(shape: readonly (number | string)[]): string | null;
  /** The boxes of one picture of the batch. The result is valid until the next call. */
  decode(output: ModelOutput, picture: number, minScore: number): Candidates;
}

const families: Readonly<Record<ModelManifest['family'], (classes: number) => Decoder>> = {
  'yolo-head': (classes) => new YoloHeadDecoder(classes),
};

export function decoderFor(manifest: ModelManifest): Decoder {
  return families[manifest.family](manifest.labels.length);
}
