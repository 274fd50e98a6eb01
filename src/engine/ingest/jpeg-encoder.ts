import { AV_CODEC_FLAG_QSCALE, AV_CODEC_ID_MJPEG, AV_PIX_FMT_YUVJ420P, AVCOL_RANGE_JPEG } from 'node-av/constants';
import { Codec, CodecContext, type Frame, Packet, Rational } from 'node-av/lib';
import { ffmpegWords } from './ffmpeg.ts';
import { FrameScaler } from './frame-scaler.ts';

const lambdaPerQuality = 118; // FF_QP2LAMBDA

export interface Jpeg {
  readonly jpeg: Uint8Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

/** Size of a picture at most `maxWidth` wide, never enlarged, even sides as 4:2:0 wants them. */
export function previewSize(width: number, height: number, maxWidth: number): { width: number; height: number } {
  const scale = Math.min(1, maxWidth / width);
  const even = (side: number): number => Math.max(2, Math.round((side * scale) / 2) * 2);
  return { width: even(width), height: even(height) };
}

/**
 * Preview JPEGs of one camera through FFmpeg's own encoder: synchronous, on the ingest thread, about 1.5 ms for a
 * 640 × 480 preview. Frames may change their size.
 */
export class JpegEncoder {
  /** Of the pictures from the next one on. */
  maxWidth: number;
  readonly #quality: number;
  readonly #packet = new Packet();
  #scaler: FrameScaler | null = null;
  #context: CodecContext | null = null;
  #count = 0n;

  /** @param quality FFmpeg's scale: 2 (best) to 31. */
  constructor(maxWidth: number, quality = 5) {
    this.maxWidth = maxWidth;
    this.#quality = quality * lambdaPerQuality;
    this.#packet.alloc();
  }

  encode(frame: Frame): Jpeg {
    const { width, height } = previewSize(frame.width, frame.height, this.maxWidth);
    if (this.#scaler?.width !== width || this.#scaler.height !== height) this.#resize(width, height);
    const scaler = this.#scaler;
    const context = this.#context;
    if (scaler === null || context === null) throw new Error('the preview encoder is closed');
    const scaled = scaler.scale(frame);
    scaled.pts = this.#count++;
    scaled.quality = this.#quality;
    const sent = context.sendFrameSync(scaled);
    const received = sent < 0 ? sent : context.receivePacketSync(this.#packet);
    const bytes = received < 0 ? null : this.#packet.data;
    if (bytes === null) throw new Error(`the preview cannot be encoded: ${ffmpegWords(received)}`);
    const jpeg = new Uint8Array(bytes.byteLength);
    jpeg.set(bytes);
    this.#packet.unref();
    return { jpeg, width, height };
  }

  close(): void {
    this.#release();
    this.#packet.free();
  }

  #resize(width: number, height: number): void {
    this.#release();
    const codec = Codec.findEncoder(AV_CODEC_ID_MJPEG);
    if (codec === null) throw new Error('this FFmpeg has no JPEG encoder');
    const context = new CodecContext();
    context.allocContext3(codec);
    context.width = width;
    context.height = height;
    context.pixelFormat = AV_PIX_FMT_YUVJ420P;
    context.colorRange = AVCOL_RANGE_JPEG;
    context.timeBase = new Rational(1, 1000);
    context.threadCount = 1;
    context.setFlags(AV_CODEC_FLAG_QSCALE);
    context.globalQuality = this.#quality;
    const opened = context.open2Sync(codec);
    if (opened < 0) throw new Error(`the preview encoder cannot be opened: ${ffmpegWords(opened)}`);
    this.#context = context;
    this.#scaler = FrameScaler.toJpegPlanes(width, height);
  }

  #release(): void {
    this.#scaler?.close();
    this.#context?.freeContext();
    this.#scaler = null;
    this.#context = null;
  }
}
