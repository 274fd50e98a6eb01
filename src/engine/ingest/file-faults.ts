import { AVERROR_DECODER_NOT_FOUND, AVERROR_INVALIDDATA } from 'node-av/constants';
import { ffmpegWords, invalidArgument, posixName } from './ffmpeg.ts';
import { MediaFault, systemFault } from './media-fault.ts';

/** Why a video file cannot be opened, from FFmpeg's error number. */
export function fileOpenFault(code: number): MediaFault {
  const name = posixName(code);
  if (name !== null) return systemFault(name);
  // "Invalid argument" is what a container outside the allowed list gives.
  if (code === AVERROR_INVALIDDATA || code === invalidArgument) {
    return new MediaFault('unsupported', 'This is not a video in a known container.');
  }
  if (code === AVERROR_DECODER_NOT_FOUND) return new MediaFault('unsupported', 'Its codec cannot be decoded here.');
  return new MediaFault('undecodable', `It cannot be opened: ${ffmpegWords(code)}.`);
}

/** Why reading stopped in the middle. */
export function fileReadFault(code: number): MediaFault {
  const name = posixName(code);
  if (name !== null) return systemFault(name);
  return new MediaFault('undecodable', `The container is damaged here: ${ffmpegWords(code)}.`);
}
