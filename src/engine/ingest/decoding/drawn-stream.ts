import { AV_PIX_FMT_RGB24, AV_PIX_FMT_YUVJ420P } from 'node-av/constants';
import { CodecParameters, Frame, Packet, type CodecContext, type Rational } from 'node-av/lib';
import { FrameScaler } from '../frame-scaler.ts';
import { openEncoder } from './open-encoder.ts';

/** Small, and no smaller than any decoder wants it. */
const width = 320;
const height = 240;
const fps = 10;
/** Two groups of pictures. */
const pictures = 12;

/** What cameras send, and who makes it here as they do. */
const encoders = {
  h264: { encoder: 'libx264', options: { preset: 'veryfast', tune: 'zerolatency' } },
  hevc: {
    encoder: 'libx265',
    options: { preset: 'ultrafast', tune: 'zerolatency', 'x265-params': 'log-level=none:pools=1:frame-threads=1' },
  },
  mjpeg: { encoder: 'mjpeg', options: {} },
} as const;
export type DrawnCodec = keyof typeof encoders;
export const drawnCodecs = Object.keys(encoders) as readonly DrawnCodec[];

/** A few coded pictures, as if a camera had sent them. */
export class DrawnStream {
  readonly codecpar = new CodecParameters();
  readonly timeBase: Rational;
  readonly packets: Packet[] = [];

  /** Throws an error in words where nobody here can make them. */
  constructor(codec: DrawnCodec) {
    const context = openEncoder({
      ...encoders[codec],
      ...{ width, height, fps, gop: pictures / 2, pixelFormat: AV_PIX_FMT_YUVJ420P },
    });
    const planes = FrameScaler.toJpegPlanes(width, height);
    const rgb = Buffer.alloc(width * height * 3);
    this.timeBase = context.timeBase;
    this.codecpar.alloc();
    this.codecpar.fromContext(context);
    try {
      for (let number = 0; number < pictures; number++) {
        draw(number, rgb);
        const drawn = Frame.fromVideoBuffer(rgb, { width, height, format: AV_PIX_FMT_RGB24 });
        const picture = planes.scale(drawn);
        picture.pts = BigInt(number * 1000);
        context.sendFrameSync(picture);
        drawn.free();
        this.#take(context);
      }
      context.sendFrameSync(null);
      this.#take(context);
    } finally {
      planes.close();
      context.freeContext();
    }
  }

  close(): void {
    for (const packet of this.packets) packet.free();
    this.packets.length = 0;
    this.codecpar.free();
  }

  #take(context: CodecContext): void {
    for (;;) {
      const packet = new Packet();
      packet.alloc();
      if (context.receivePacketSync(packet) < 0) {
        packet.free();
        return;
      }
      this.packets.push(packet);
    }
  }
}

/** Bars of different brightness and colour that move on: a device that shows nothing, or something else, is found out. */
function draw(number: number, rgb: Uint8Array): void {
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bar = ((x >> 5) + (y >> 5) + number) & 7;
      rgb[at++] = bar * 32;
      rgb[at++] = 255 - bar * 24;
      rgb[at++] = (bar & 1) * 128;
    }
  }
}
