/**
 * A camera's own packets on their way to a decoder in the page: beside the contract, as binary, like pictures. A message
 * is one buffer: u32 little-endian length of a JSON header, the header, the decoder's description where there is one,
 * then the packets' bytes one after the other. The viewer answers each with `ack-stream`; with too many unanswered the
 * host leaves packets out up to the next keyframe and counts them.
 */
export interface StreamConfig {
  /** As WebCodecs names it, e.g. `avc1.64001f`. */
  readonly codec: string;
  /** Null: the parameter sets stand in the packets. */
  readonly description: Uint8Array<ArrayBuffer> | null;
  readonly width: number;
  readonly height: number;
}

export interface StreamPacket {
  readonly isKey: boolean;
  /** Presentation time on the stream's own clock; grows over the loops of a file. */
  readonly timestampUs: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** When a picture of the stream was captured; pictures and results elsewhere are named by `capturedAtMs`. */
export interface StreamStamp {
  readonly timestampUs: number;
  readonly capturedAtMs: number;
  /** As in `PictureHeader`. */
  readonly analysed: boolean;
}

export interface StreamBatch {
  readonly cameraId: string;
  /** With every keyframe; null otherwise. */
  readonly config: StreamConfig | null;
  /** In decoding order. */
  readonly packets: readonly StreamPacket[];
  readonly stamps: readonly StreamStamp[];
}

interface StreamHeader {
  readonly stream: {
    readonly cameraId: string;
    readonly config: (Omit<StreamConfig, 'description'> & { readonly descriptionBytes: number | null }) | null;
    readonly packets: readonly (Omit<StreamPacket, 'data'> & { readonly bytes: number })[];
    readonly stamps: readonly StreamStamp[];
  };
}

export function encodeStream({ cameraId, config, packets, stamps }: StreamBatch): Uint8Array<ArrayBuffer> {
  const description = config?.description ?? null;
  const header: StreamHeader = {
    stream: {
      cameraId,
      config:
        config === null
          ? null
          : {
              codec: config.codec,
              width: config.width,
              height: config.height,
              descriptionBytes: description?.byteLength ?? null,
            },
      packets: packets.map(({ isKey, timestampUs, data }) => ({ isKey, timestampUs, bytes: data.byteLength })),
      stamps,
    },
  };
  const parts = [...(description === null ? [] : [description]), ...packets.map(({ data }) => data)];
  return withHeader(header, parts);
}

/** A message of the media path: its header as JSON, then the parts. */
export function withHeader(header: unknown, parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const head = new TextEncoder().encode(JSON.stringify(header));
  const out = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 4 + head.byteLength));
  new DataView(out.buffer).setUint32(0, head.byteLength, true);
  out.set(head, 4);
  let at = 4 + head.byteLength;
  for (const part of parts) {
    out.set(part, at);
    at += part.byteLength;
  }
  return out;
}

/** The header, and what follows it. */
export function readHeader(message: ArrayBuffer): { header: unknown; rest: Uint8Array<ArrayBuffer> } {
  const length = new DataView(message).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(message, 4, length))) as unknown;
  return { header, rest: new Uint8Array(message, 4 + length) };
}

/** Null: the message is a picture. The data are views into the message. */
export function decodeStream(header: unknown, rest: Uint8Array<ArrayBuffer>): StreamBatch | null {
  if (!isStreamHeader(header)) return null;
  const { cameraId, config, packets, stamps } = header.stream;
  let at = 0;
  const take = (bytes: number): Uint8Array<ArrayBuffer> => {
    const part = rest.subarray(at, at + bytes);
    at += bytes;
    return part;
  };
  const told =
    config === null
      ? null
      : {
          codec: config.codec,
          width: config.width,
          height: config.height,
          description: config.descriptionBytes === null ? null : take(config.descriptionBytes),
        };
  return {
    cameraId,
    config: told,
    packets: packets.map(({ bytes, isKey, timestampUs }) => ({ isKey, timestampUs, data: take(bytes) })),
    stamps,
  };
}

const isStreamHeader = (header: unknown): header is StreamHeader =>
  typeof header === 'object' && header !== null && 'stream' in header;
