import {
  AVERROR_EOF,
  AVERROR_HTTP_BAD_REQUEST,
  AVERROR_HTTP_FORBIDDEN,
  AVERROR_HTTP_NOT_FOUND,
  AVERROR_HTTP_OTHER_4XX,
  AVERROR_HTTP_SERVER_ERROR,
  AVERROR_HTTP_UNAUTHORIZED,
  AVERROR_INVALIDDATA,
} from 'node-av/constants';
import type { CameraTransport } from '../../shared/domain/camera.ts';
import {
  connectionRefused,
  connectionReset,
  ffmpegWords,
  hostUnreachable,
  inputOutput,
  invalidArgument,
  networkUnreachable,
  protocolRefused,
  timedOut,
} from './ffmpeg.ts';
import { MediaFault } from './media-fault.ts';

export interface Asked {
  readonly isRtsp: boolean;
  /** The address has a user name. */
  readonly hasLogin: boolean;
  readonly transport: CameraTransport;
}

/** Nothing was reached at this address; another one of the same name may be. */
export class NotReached extends MediaFault {}

/** The camera's own error, which may be over in a moment. */
export class OwnError extends MediaFault {}

/** FFmpeg follows nothing over HTTP, and reports a redirect like an answer that was broken off. */
export class MaybeLedAway extends MediaFault {}

/** Why a camera on the network cannot be opened, from FFmpeg's error number. */
export function networkOpenFault(code: number, { isRtsp, hasLogin, transport }: Asked): MediaFault {
  switch (code) {
    case AVERROR_HTTP_UNAUTHORIZED:
      return hasLogin
        ? new MediaFault('unreadable', 'The camera refuses this user name and password (401).')
        : new MediaFault('unreadable', 'The camera wants a user name and password (401).');
    case AVERROR_HTTP_FORBIDDEN:
      return new MediaFault('unreadable', 'The camera does not allow this stream to be seen (403).');
    case AVERROR_HTTP_NOT_FOUND:
      return new MediaFault('unreadable', 'The camera has no stream at this path (404).');
    case AVERROR_HTTP_BAD_REQUEST:
    case AVERROR_HTTP_OTHER_4XX:
      return new MediaFault('unreadable', 'The camera does not understand or accept the request (4xx).');
    case AVERROR_HTTP_SERVER_ERROR:
      return new OwnError('unreadable', 'The camera reports an error of its own (5xx).');
    case connectionRefused:
      return new NotReached('unreadable', 'The connection was refused: nothing listens at this address and port.');
    case connectionReset:
      return new MediaFault('unreadable', 'The connection was broken off before the camera answered.');
    case hostUnreachable:
    case networkUnreachable:
      return new NotReached('unreadable', 'There is no way to this address in the network.');
    case protocolRefused:
      return new MediaFault(
        'unreadable',
        transport === 'auto'
          ? 'The camera sends its stream neither over TCP nor over UDP.'
          : `The camera does not send its stream over ${transport.toUpperCase()}: choose "auto".`,
      );
    case timedOut:
      return new MediaFault('timed-out', 'The camera did not answer in time.');
    case AVERROR_EOF:
      return new MediaFault('unreadable', 'The connection was closed before the camera answered.');
    case inputOutput:
      return isRtsp
        ? new MediaFault('unreadable', 'The connection failed before the camera answered.')
        : new MaybeLedAway(
            'unreadable',
            'The camera broke off its answer, or leads to another address once it has the password: use the address that a browser ends at.',
          );
    case AVERROR_INVALIDDATA:
    case invalidArgument:
      // Half an answer looks the same to FFmpeg.
      return isRtsp
        ? new MediaFault('unsupported', 'What answers there is not an RTSP camera, or it broke off its answer.')
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
    case connectionReset:
      return new MediaFault('unreadable', 'The connection to the camera was broken off.');
    case timedOut:
      return new MediaFault('timed-out', 'The camera sent nothing any more.');
    default:
      return new MediaFault('unreadable', `The connection to the camera broke: ${ffmpegWords(code)}.`);
  }
}

export function noVideoFault(streams: number): MediaFault {
  return new MediaFault('unsupported', streams === 0 ? 'The camera sends no stream.' : 'The camera sends no video.');
}
