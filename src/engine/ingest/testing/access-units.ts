import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { FormatContext, Packet } from 'node-av/lib';
import sharp from 'sharp';
import { encodeVideo, type DrawnVideo } from './encode-video.ts';

/** Coded pictures one by one, as a camera sends them; `RtspServer` shows such a file. */
export interface AccessUnits {
  readonly codec: 'h264' | 'h265' | 'mjpeg';
  readonly units: readonly Uint8Array[];
}

/** Draws and encodes; every tenth picture is a keyframe. */
export async function drawAccessUnits(
  codec: AccessUnits['codec'],
  video: Pick<DrawnVideo, 'width' | 'height' | 'fps' | 'frames' | 'draw'>,
  scratchFile: string,
): Promise<AccessUnits> {
  if (codec === 'mjpeg') return { codec, units: await drawJpegs(video) };
  const file = `${scratchFile}.${codec}`;
  encodeVideo(file, {
    ...video,
    gop: 10,
    encoder: codec === 'h264' ? 'libx264' : 'libx265',
    encoderOptions:
      codec === 'h264'
        ? { preset: 'ultrafast', tune: 'zerolatency' }
        : { preset: 'ultrafast', tune: 'zerolatency', 'x265-params': 'log-level=none:pools=1:frame-threads=1' },
  });
  const units = readUnits(file);
  rmSync(file);
  return { codec, units };
}

export function writeAccessUnits(file: string, ...parts: readonly AccessUnits[]): string {
  const pieces: Uint8Array[] = [];
  for (const unit of parts.flatMap((part) => part.units)) {
    const size = Buffer.alloc(4);
    size.writeUInt32BE(unit.byteLength);
    pieces.push(size, unit);
  }
  writeFileSync(file, Buffer.concat(pieces));
  return file;
}

/** Of a raw H.264 or H.265 file. */
function readUnits(file: string): Uint8Array[] {
  if (readFileSync(file).byteLength === 0) throw new Error(`${file} is empty`);
  const format = new FormatContext();
  const packet = new Packet();
  packet.alloc();
  const units: Uint8Array[] = [];
  try {
    if (format.openInputSync(file) < 0 || format.findStreamInfoSync(null) < 0) throw new Error(`${file} is no video`);
    const stream = format.findBestStream(AVMEDIA_TYPE_VIDEO);
    while (format.readFrameSync(packet) >= 0) {
      if (packet.streamIndex === stream && packet.data !== null) units.push(Uint8Array.from(packet.data));
      packet.unref();
    }
  } finally {
    packet.free();
    format.closeInputSync();
  }
  return units;
}

async function drawJpegs({
  width,
  height,
  frames,
  draw,
}: Pick<DrawnVideo, 'width' | 'height' | 'frames' | 'draw'>): Promise<Uint8Array[]> {
  const rgb = Buffer.alloc(width * height * 3);
  const units: Uint8Array[] = [];
  for (let number = 0; number < frames; number++) {
    draw(number, rgb);
    units.push(
      await sharp(rgb, { raw: { width, height, channels: 3 } })
        .jpeg()
        .toBuffer(),
    );
  }
  return units;
}
