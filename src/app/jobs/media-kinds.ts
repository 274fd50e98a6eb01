import { extname } from 'node:path';

const pictures = new Set(['.jpg', '.jpeg', '.png', '.webp', '.avif', '.gif', '.tif', '.tiff', '.bmp']);
const videos = new Set([
  '.mp4',
  '.mkv',
  '.mov',
  '.avi',
  '.webm',
  '.m4v',
  '.ts',
  '.mts',
  '.m2ts',
  '.mpg',
  '.mpeg',
  '.flv',
  '.wmv',
  '.3gp',
  '.h264',
  '.h265',
  '.hevc',
  '.mjpeg',
]);

/** By name only: the engine looks at the content and says `unsupported` where the name lied. Null: not scanned. */
export function mediaKind(path: string): 'picture' | 'video' | null {
  const extension = extname(path).toLowerCase();
  return pictures.has(extension) ? 'picture' : videos.has(extension) ? 'video' : null;
}
