import type { StreamConfig } from '../../../shared/contract/stream.ts';

/** What a decoder has to be told, and what has to stand before every keyframe for it. */
export interface DecoderSetup {
  readonly config: StreamConfig;
  /** Parameter sets that the stream itself may leave out; Annex B. Null: `config.description` holds them. */
  readonly prefix: Uint8Array | null;
}

export interface StreamParameters {
  readonly width: number;
  readonly height: number;
  /** As the demuxer gives it: avcC or hvcC of a file, or the parameter sets in Annex B of a network camera. */
  readonly extradata: Uint8Array<ArrayBuffer> | null;
}

/**
 * The codec string and description that WebCodecs want (ISO/IEC 14496-15, RFC 6381; W3C "AVC" and "HEVC" WebCodecs
 * registrations), or null where the parameter sets are not known (yet).
 * @param codec FFmpeg's name of it.
 * @param keyframe searched for parameter sets where the extradata has none.
 */
export function decoderSetup(codec: string, parameters: StreamParameters, keyframe: Uint8Array): DecoderSetup | null {
  const reader = readers[codec];
  const { width, height, extradata } = parameters;
  if (reader === undefined) return null;
  if (extradata !== null && extradata[0] === 1) {
    const name = reader.fromRecord(extradata);
    return name === null ? null : { config: { codec: name, description: extradata, width, height }, prefix: null };
  }
  const inFront = extradata !== null && extradata.byteLength > 0 ? extradata : null;
  const name =
    (inFront === null ? null : reader.fromAnnexB(nalUnits(inFront))) ?? reader.fromAnnexB(nalUnits(keyframe));
  return name === null ? null : { config: { codec: name, description: null, width, height }, prefix: inFront };
}

export const isStreamable = (codec: string): boolean => Object.hasOwn(readers, codec);

interface Reader {
  fromRecord(record: Uint8Array): string | null;
  fromAnnexB(units: Iterable<Uint8Array>): string | null;
}

const readers: Readonly<Record<string, Reader>> = {
  h264: {
    fromRecord: (record) => (record.byteLength < 7 ? null : avcName(record.subarray(1, 4))),
    fromAnnexB(units) {
      for (const unit of units) {
        if (((unit[0] ?? 0) & 0x1f) === 7 && unit.byteLength >= 4) return avcName(unit.subarray(1, 4));
      }
      return null;
    },
  },
  hevc: {
    fromRecord: (record) => (record.byteLength < 23 ? null : hevcName('hvc1', record.subarray(1, 13))),
    fromAnnexB(units) {
      for (const unit of units) {
        if ((((unit[0] ?? 0) >> 1) & 0x3f) !== 33) continue;
        // Two bytes of header, one of ids; then the general profile, tier and level as in an hvcC.
        const bytes = withoutEmulation(unit.subarray(0, 40));
        if (bytes.byteLength >= 15) return hevcName('hev1', bytes.subarray(3, 15));
      }
      return null;
    },
  },
};

const hex = (byte: number): string => byte.toString(16).padStart(2, '0');

const avcName = (profileAndLevel: Uint8Array): string => `avc1.${[...profileAndLevel].map(hex).join('')}`;

/** @param general profile, tier and level: 1 + 4 + 6 + 1 bytes. */
function hevcName(form: 'hvc1' | 'hev1', general: Uint8Array): string {
  const first = general[0] ?? 0;
  const space = ['', 'A', 'B', 'C'][first >> 6] ?? '';
  const tier = (first & 0x20) === 0 ? 'L' : 'H';
  let compatibility = 0;
  for (let bit = 0; bit < 32; bit++) {
    const isSet = ((general[1 + (bit >> 3)] ?? 0) >> (7 - (bit & 7))) & 1;
    if (isSet === 1) compatibility += 2 ** bit;
  }
  const constraints = [...general.subarray(5, 11)];
  while (constraints.at(-1) === 0) constraints.pop();
  return [
    form,
    `${space}${String(first & 0x1f)}`,
    compatibility.toString(16),
    `${tier}${String(general[11] ?? 0)}`,
    ...constraints.map((byte) => byte.toString(16)),
  ].join('.');
}

/** The units between start codes, without them. */
export function* nalUnits(bytes: Uint8Array): Generator<Uint8Array> {
  let start = -1;
  for (let at = 0; at + 2 < bytes.byteLength; at++) {
    if (bytes[at] !== 0 || bytes[at + 1] !== 0 || bytes[at + 2] !== 1) continue;
    if (start >= 0) yield bytes.subarray(start, at);
    start = at + 3;
    at += 2;
  }
  if (start >= 0) yield bytes.subarray(start);
}

/** Inside a unit, 0 0 3 stands for 0 0. */
function withoutEmulation(unit: Uint8Array): Uint8Array {
  const out: number[] = [];
  let zeros = 0;
  for (const byte of unit) {
    const isEscape = byte === 3 && zeros >= 2;
    zeros = byte === 0 ? zeros + 1 : 0;
    if (!isEscape) out.push(byte);
  }
  return Uint8Array.from(out);
}
