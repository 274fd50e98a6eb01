import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_PIX_FMT_RGB24,
  AV_PKT_DATA_DISPLAYMATRIX,
  AV_PIX_FMT_YUV420P,
  AVFMT_GLOBALHEADER,
} from 'node-av/constants';
import { silenceFfmpeg } from '../ffmpeg.ts';
import { FFmpegError, FormatContext, Frame, Packet, SoftwareScaleContext } from 'node-av/lib';
import { openEncoder } from '../decoding/open-encoder.ts';

export interface DrawnVideo {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly frames: number;
  /** Frames from keyframe to keyframe. */
  readonly gop?: number;
  readonly bFrames?: number;
  /** FFmpeg's encoder name. */
  readonly encoder?: string;
  readonly encoderOptions?: Readonly<Record<string, string>>;
  /** First four numbers of the display matrix, for a phone held upright: 0, 1, -1, 0. */
  readonly turn?: readonly [number, number, number, number];
  /** Time stamp of a frame in ticks of 1 / (1000 · fps); default: evenly. */
  readonly pts?: (frame: number) => number;
  /** Fills height × width × 3 bytes. */
  readonly draw: (frame: number, rgb: Uint8Array) => void;
}

/** Encodes drawn pictures into a video file; the container follows the file's name. */
export function encodeVideo(path: string, video: DrawnVideo): void {
  const { width, height, fps, frames, gop = 12, bFrames = 0, encoder = 'libx264', draw } = video;
  silenceFfmpeg();
  const ticks = video.pts ?? ((frame: number) => frame * 1000);
  const output = new FormatContext();
  check(output.allocOutputContext2(null, null, path));
  const isHeaderApart = ((output.oformat?.flags ?? 0) & AVFMT_GLOBALHEADER) !== 0;
  const context = openEncoder({
    ...{ encoder, width, height, fps, gop, bFrames, pixelFormat: AV_PIX_FMT_YUV420P },
    options: video.encoderOptions ?? {},
    prepare: (one) => {
      if (isHeaderApart) one.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
    },
  });
  const stream = output.newStream();
  stream.timeBase = context.timeBase;
  check(stream.codecpar.fromContext(context));
  if (video.turn !== undefined) {
    const [a, b, c, d] = video.turn;
    const matrix = Int32Array.from([a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30]);
    check(stream.codecpar.addCodedSideData(AV_PKT_DATA_DISPLAYMATRIX, Buffer.from(matrix.buffer)));
  }
  check(output.openOutputSync() ?? 0);
  check(output.writeHeaderSync());

  const scaler = new SoftwareScaleContext();
  scaler.allocContext();
  const planes = new Frame();
  planes.alloc();
  planes.width = width;
  planes.height = height;
  planes.format = AV_PIX_FMT_YUV420P;
  check(planes.getBuffer());
  const packet = new Packet();
  packet.alloc();
  const write = (): void => {
    while (context.receivePacketSync(packet) >= 0) {
      packet.streamIndex = stream.index;
      // Without it the container cannot tell how long the last picture is shown, and leaves it out.
      if (packet.duration === 0n) packet.duration = 1000n;
      packet.rescaleTs(context.timeBase, stream.timeBase);
      check(output.interleavedWriteFrameSync(packet));
      packet.unref();
    }
  };
  const rgb = Buffer.alloc(width * height * 3);
  for (let number = 0; number < frames; number++) {
    draw(number, rgb);
    const drawn = Frame.fromVideoBuffer(rgb, { width, height, format: AV_PIX_FMT_RGB24 });
    check(planes.makeWritable());
    check(scaler.scaleFrameSync(planes, drawn));
    drawn.free();
    planes.pts = BigInt(ticks(number));
    check(context.sendFrameSync(planes));
    write();
  }
  check(context.sendFrameSync(null));
  write();
  check(output.writeTrailerSync());
  output.closeOutputSync();
  planes.free();
  packet.free();
  scaler.freeContext();
  context.freeContext();
  output.freeContext();
}

function check(code: number): void {
  if (code < 0) throw new Error(FFmpegError.strerror(code));
}
