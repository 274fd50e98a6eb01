import {
  AVERROR_EOF,
  AVERROR_HTTP_FORBIDDEN,
  AVERROR_HTTP_NOT_FOUND,
  AVERROR_HTTP_SERVER_ERROR,
  AVERROR_HTTP_UNAUTHORIZED,
  AVERROR_INVALIDDATA,
} from 'node-av/constants';
import { connectionRefused, ffmpegWords, invalidArgument, timedOut } from './ffmpeg.ts';
import { MediaFault } from './media-fault.ts';

/** Why a camera on the network cannot be opened, from FFmpeg's error number. */
export function networkOpenFault(code: number, isRtsp: boolean): MediaFault {
  switch (code) {
    case AVERROR_HTTP_UNAUTHORIZED:
      return new MediaFault('unreadable', 'The camera wants a user name and password, or refuses these (401).');
    case AVERROR_HTTP_FORBIDDEN:
      return new MediaFault('unreadable', 'The camera does not allow this stream to be seen (403).');
    case AVERROR_HTTP_NOT_FOUND:
      return new MediaFault('unreadable', 'The camera has no stream at this path (404).');
    case AVERROR_HTTP_SERVER_ERROR:
      return new MediaFault('unreadable', 'The camera reports an error of its own (5xx).');
    case connectionRefused:
      return new MediaFault('unreadable', 'The connection was refused: nothing listens at this address and port.');
    case timedOut:
      return new MediaFault('timed-out', 'The camera did not answer in time.');
    case AVERROR_INVALIDDATA:
    case invalidArgument:
      // FFmpeg's RTSP says this too where no answer came at all.
      return isRtsp
        ? new MediaFault('timed-out', 'There was no RTSP answer in time.')
        : new MediaFault('unsupported', 'What it sends is not a video stream in a known format.');
    default:
      return new MediaFault('unreadable', `The camera cannot be opened: ${ffmpegWords(code)}.`);
  }
}

/** Why a stream stopped. */
export function networkReadFault(code: number): MediaFault {
  switch (code) {
    case AVERROR_EOF:
      return new MediaFault('unreadable', 'The camera ended the stream.');
    case AVERROR_INVALIDDATA:
      return new MediaFault('unreadable', 'The camera ended the stream, or broke it off in the middle.');
    case timedOut:
      return new MediaFault('timed-out', 'The camera sent nothing any more.');
    default:
      return new MediaFault('unreadable', `The connection to the camera broke: ${ffmpegWords(code)}.`);
  }
}
