import { getFFmpegInfo } from 'node-av/lib';
import { env } from 'onnxruntime-node';
import sharp from 'sharp';

/** What this engine is made of, for people and bug reports. */
export function engineVersions(): Readonly<Record<string, string>> {
  const found: Readonly<Record<string, string | undefined>> = {
    node: process.versions.node,
    electron: process.versions['electron'],
    onnxruntime: env.versions.node,
    ffmpeg: getFFmpegInfo().version,
    sharp: sharp.versions.sharp,
    libvips: sharp.versions.vips,
  };
  return Object.fromEntries(Object.entries(found).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
