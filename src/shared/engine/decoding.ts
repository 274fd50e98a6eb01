import type { HardwareDecoder } from '../domain/decoding.ts';

/* What decodes a camera, as the engine is told, and what it found out about hardware. Part of `protocol.ts`. */

/** A hardware decoder that a camera may use. */
export interface HardwareOffer {
  readonly hardware: HardwareDecoder;
  /** Which one; null: the one there is. */
  readonly path: string | null;
  /** What it was seen to decode, in FFmpeg's names. */
  readonly codecs: readonly string[];
}

/** What may decode a camera's pictures: the first of these that takes its codec, else the processor. */
export interface DecodeOrder {
  readonly devices: readonly HardwareOffer[];
  /** Why there are none, in words. */
  readonly why: string;
}

/** What a hardware decoder did with pictures of ours. */
export type DecoderTrial =
  { readonly works: false; readonly why: string } | { readonly works: true; readonly codecs: readonly CodecTrial[] };

export interface CodecTrial {
  readonly codec: string;
  /** Why it does not decode it, in words; null: it does. */
  readonly why: string | null;
}
