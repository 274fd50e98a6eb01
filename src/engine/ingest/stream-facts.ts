import { AV_PKT_DATA_DISPLAYMATRIX, AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import type { Codec, FormatContext, Stream } from 'node-av/lib';
import { turnOf } from './quarter-turns.ts';
import type { VideoFacts } from './video-reader.ts';

/** There is a video in it, but not yet how large it is. */
export function isStillUnknown(format: FormatContext): boolean {
  const { codecpar } = format.streams[format.findBestStream(AVMEDIA_TYPE_VIDEO)] ?? {};
  return codecpar !== undefined && codecpar.width === 0;
}

/** What the container says of the stream. */
export function describe(format: FormatContext, stream: Stream, codec: Codec): VideoFacts {
  const { width, height } = stream.codecpar;
  const turns = turnOf(stream.codecpar.getCodedSideData(AV_PKT_DATA_DISPLAYMATRIX));
  const rate = stream.avgFrameRate;
  const fps = rate.den > 0 && rate.num > 0 ? rate.num / rate.den : null;
  const streamMs =
    stream.duration > 0n ? (Number(stream.duration) * 1000 * stream.timeBase.num) / stream.timeBase.den : 0;
  const containerMs = format.duration > 0n ? Number(format.duration) / 1000 : 0;
  const durationMs = streamMs > 0 ? streamMs : containerMs > 0 ? containerMs : null;
  return {
    width: turns % 2 === 0 ? width : height,
    height: turns % 2 === 0 ? height : width,
    turns,
    codec: codec.name ?? 'unknown',
    fps,
    durationMs,
    timeBase: { numerator: stream.timeBase.num, denominator: stream.timeBase.den },
  };
}
