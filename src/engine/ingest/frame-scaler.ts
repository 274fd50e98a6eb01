import {
  AV_PIX_FMT_GRAY8,
  AV_PIX_FMT_RGB24,
  AV_PIX_FMT_YUVJ420P,
  AVCOL_RANGE_JPEG,
  type AVPixelFormat,
} from 'node-av/constants';
import { Frame, SoftwareScaleContext } from 'node-av/lib';
import { ffmpegWords } from './ffmpeg.ts';
import { MediaFault } from './media-fault.ts';

/**
 * swscale with one target size and format, bit-exact: the same frame gives the same bytes on every
 * processor. It follows each frame's own size, colour matrix and range, which a camera may change while it runs.
 */
export class FrameScaler {
  readonly width: number;
  readonly height: number;
  readonly #context = new SoftwareScaleContext();
  readonly #target = new Frame();

  private constructor(width: number, height: number, format: AVPixelFormat, method: 'bilinear' | 'area') {
    this.width = width;
    this.height = height;
    this.#context.allocContext();
    this.#context.setOption('sws_flags', `${method}+accurate_rnd+bitexact`);
    this.#target.alloc();
    this.#target.width = width;
    this.#target.height = height;
    this.#target.format = format;
    if (format === AV_PIX_FMT_YUVJ420P) this.#target.colorRange = AVCOL_RANGE_JPEG;
    this.#target.getBuffer();
  }

  static toRgb(width: number, height: number): FrameScaler {
    return new FrameScaler(width, height, AV_PIX_FMT_RGB24, 'bilinear');
  }

  /** The planar full-range layout that JPEG encoders take. */
  static toJpegPlanes(width: number, height: number): FrameScaler {
    return new FrameScaler(width, height, AV_PIX_FMT_YUVJ420P, 'bilinear');
  }

  /** Brightness alone, each pixel the mean of those it stands for. */
  static toMeans(width: number, height: number): FrameScaler {
    return new FrameScaler(width, height, AV_PIX_FMT_GRAY8, 'area');
  }

  /** The scaled frame; it is the scaler's own and holds until the next call. @throws MediaFault */
  scale(source: Frame): Frame {
    const scaled = this.#context.scaleFrameSync(this.#target, source);
    if (scaled < 0) throw new MediaFault('undecodable', `Its pixels cannot be converted: ${ffmpegWords(scaled)}.`);
    return this.#target;
  }

  close(): void {
    this.#target.free();
    this.#context.freeContext();
  }
}

/** First plane and its stride in bytes. The memory belongs to the frame. */
export function planeOf(frame: Frame): { readonly bytes: Uint8Array; readonly strideBytes: number } {
  const bytes = frame.data?.[0];
  const strideBytes = frame.linesize[0];
  if (bytes === undefined || strideBytes === undefined) throw new Error('the frame has no pixels');
  return { bytes, strideBytes };
}
