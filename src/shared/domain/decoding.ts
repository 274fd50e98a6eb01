/** Hardware that decodes video here, as FFmpeg names the way to it. */
export type HardwareDecoder = 'cuda' | 'vaapi' | 'd3d11va' | 'videotoolbox' | 'rkmpp';

export const hardwareNames: Readonly<Record<HardwareDecoder, string>> = {
  cuda: 'NVDEC',
  vaapi: 'VAAPI',
  d3d11va: 'D3D11VA',
  videotoolbox: 'VideoToolbox',
  rkmpp: 'RKMPP',
};

/** `auto`: cameras are decoded by hardware where it takes their pictures, by the processor otherwise. */
export const decodeModes = ['auto', 'off'] as const;
export type DecodeMode = (typeof decodeModes)[number];

/** What makes a camera's pictures out of its packets. */
export type DecoderInUse =
  | { readonly kind: 'hardware'; readonly hardware: HardwareDecoder }
  | {
      readonly kind: 'software';
      /** In words. */
      readonly why: string;
      /** What became of hardware in this connection: it was not asked, did not do it, or did not answer any more. */
      readonly hardware: 'not-asked' | 'failed' | 'hung';
    }
  /** Nothing is decoded. */
  | { readonly kind: 'none'; readonly why: string };

export function decoderText(decoder: DecoderInUse): string {
  switch (decoder.kind) {
    case 'hardware':
      return `decoded by ${hardwareNames[decoder.hardware]}`;
    case 'software':
      return `software: ${decoder.why}`;
    case 'none':
      return decoder.why;
  }
}

/** A hardware decoder that was looked for. */
export interface TriedDecoder {
  readonly hardware: HardwareDecoder;
  /** Which one, e.g. `/dev/dri/renderD128`; null: the one there may be. */
  readonly path: string | null;
  /** What it decodes, in FFmpeg's names; empty: nothing. */
  readonly codecs: readonly string[];
  /** In words, for each codec where they differ. */
  readonly why: string;
}

export interface DecoderState {
  readonly mode: DecodeMode;
  readonly tried: readonly TriedDecoder[];
  /** Why nothing is decoded by hardware although some is there; null: it is. */
  readonly setAside: string | null;
}
