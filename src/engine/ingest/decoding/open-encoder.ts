import type { AVPixelFormat } from 'node-av/constants';
import { Codec, CodecContext, Rational } from 'node-av/lib';
import { ffmpegWords } from '../ffmpeg.ts';

export interface EncoderSettings {
  /** FFmpeg's name. */
  readonly encoder: string;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly pixelFormat: AVPixelFormat;
  /** Frames from keyframe to keyframe. */
  readonly gop: number;
  readonly bFrames?: number;
  readonly options?: Readonly<Record<string, string>>;
  /** Called before it is opened. */
  readonly prepare?: (context: CodecContext) => void;
}

/** A video encoder with one thread, in ticks of 1 / (1000 · fps). Throws an error in words where it cannot be opened. */
export function openEncoder(settings: EncoderSettings): CodecContext {
  const { encoder, fps } = settings;
  const codec = Codec.findEncoderByName(encoder as Parameters<typeof Codec.findEncoderByName>[0]);
  if (codec === null) throw new Error(`there is no encoder ${encoder}`);
  const context = new CodecContext();
  context.allocContext3(codec);
  context.width = settings.width;
  context.height = settings.height;
  context.pixelFormat = settings.pixelFormat;
  context.timeBase = new Rational(1, Math.round(fps * 1000));
  context.framerate = new Rational(Math.round(fps * 1000), 1000);
  context.gopSize = settings.gop;
  context.maxBFrames = settings.bFrames ?? 0;
  context.threadCount = 1;
  settings.prepare?.(context);
  // Not as options of open2: node-av 6.1.1 frees such a dictionary twice.
  const codes = Object.entries(settings.options ?? {}).map(([name, value]) => context.setOption(name, value));
  const failed = codes.find((code) => code < 0) ?? context.open2Sync(codec);
  if (failed >= 0) return context;
  context.freeContext();
  throw new Error(`the encoder ${encoder} cannot be opened: ${ffmpegWords(failed)}`);
}
