import { AV_PKT_DATA_DISPLAYMATRIX, AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { Codec, CodecContext, type FormatContext, type Stream } from 'node-av/lib';
import { ffmpegWords } from './ffmpeg.ts';
import { MediaFault } from './media-fault.ts';
import { turnOf } from './quarter-turns.ts';
import { tooLarge } from './too-large.ts';
import type { VideoFacts } from './video-reader.ts';

/** There is a video in it, but not yet how large it is. */
export function isStillUnknown(format: FormatContext): boolean {
  const { codecpar } = format.streams[format.findBestStream(AVMEDIA_TYPE_VIDEO)] ?? {};
  return codecpar !== undefined && codecpar.width === 0;
}

/** A decoder for the stream, with one thread. @throws MediaFault */
export function openDecoder(stream: Stream, maxPixels: number): { codec: Codec; context: CodecContext } {
  const { codecId, width, height } = stream.codecpar;
  if (width * height > maxPixels) throw tooLarge(width, height, maxPixels);
  const codec = Codec.findDecoder(codecId);
  if (codec === null) throw new MediaFault('unsupported', 'The video is in a codec that cannot be decoded here.');
  const context = new CodecContext();
  context.allocContext3(codec);
  try {
    context.parametersToContext(stream.codecpar);
    // One thread: threads of the decoder cost 38 % more CPU for the same frames and add a frame of delay each.
    context.threadCount = 1;
    context.pktTimebase = stream.timeBase;
    const opened = context.open2Sync(codec);
    if (opened < 0) {
      throw new MediaFault('unsupported', `The ${codec.name ?? 'video'} decoder refuses it: ${ffmpegWords(opened)}.`);
    }
    return { codec, context };
  } catch (error) {
    context.freeContext();
    throw error;
  }
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
