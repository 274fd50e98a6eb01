import { Codec, type Packet, type Stream } from 'node-av/lib';
import type { SourceTime } from '../../../core/recording/packet-times.ts';
import { noTimestamp } from '../ffmpeg.ts';
import type { CodecFacts } from './recorder-messages.ts';

export function codecOf(stream: Stream): CodecFacts {
  const { codecId, width, height, format, profile, level, extradata } = stream.codecpar;
  return {
    id: codecId,
    name: Codec.findDecoder(codecId)?.name ?? `codec ${String(codecId)}`,
    width,
    height,
    format,
    profile,
    level,
    extradata: extradata === null ? null : new Uint8Array(extradata),
  };
}

/** True where packets of both may follow each other in one file. */
export function sameCodec(a: CodecFacts, b: CodecFacts): boolean {
  const { extradata: aExtra, ...aRest } = a;
  const { extradata: bExtra, ...bRest } = b;
  return JSON.stringify(aRest) === JSON.stringify(bRest) && sameBytes(aExtra, bExtra);
}

const sameBytes = (a: Uint8Array | null, b: Uint8Array | null): boolean =>
  a === null || b === null ? a === b : Buffer.compare(a, b) === 0;

/** @param timeBaseMs of one tick of the packet's time stamps. */
export function sourceTimeOf(packet: Packet, timeBaseMs: number): SourceTime {
  const ms = (ticks: bigint): number | null => (ticks === noTimestamp ? null : Number(ticks) * timeBaseMs);
  return { dtsMs: ms(packet.dts), ptsMs: ms(packet.pts), durationMs: Number(packet.duration) * timeBaseMs };
}
