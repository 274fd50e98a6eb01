import { AVERROR_EOF, AVERROR_INVALIDDATA } from 'node-av/constants';
import { Device, InputFormat } from 'node-av/lib';
import type { UsbAddress, UsbCodec } from '../../shared/usb-address.ts';
import { deviceBusy, ffmpegWords, inputOutput, invalidArgument, noSuchDevice, posixName } from './ffmpeg.ts';
import { MediaFault } from './media-fault.ts';
import { noVideoFault } from './network-faults.ts';
import { NetworkSource, type NetworkLimits } from './network-source.ts';
import { chosenDevice, listVideoDevices, type VideoDevice } from './usb-devices.ts';
import { VideoReader } from './video-reader.ts';

export type UsbLimits = Pick<NetworkLimits, 'maxPixels' | 'tap' | 'hardware' | 'signal' | 'onAnswer'>;

/** Of the machine; others in tests. */
export interface UsbSystem {
  readonly list: () => readonly VideoDevice[];
  /** FFmpeg's name of the format that reads video devices here. */
  readonly format: string;
}

const thisMachine: UsbSystem = { list: listVideoDevices, format: Device.getVideoFormat() };

/**
 * A camera at this machine. Its pictures come as those of a network camera: pushed, at a pace of their own, captured when
 * they arrive; so it is watched in the same way. @throws MediaFault, or the signal's reason.
 */
export async function openUsbSource(
  address: UsbAddress,
  { maxPixels, tap, hardware, signal, onAnswer }: UsbLimits,
  { list, format }: UsbSystem = thisMachine,
): Promise<NetworkSource> {
  const device = InputFormat.findInputFormat(format);
  if (device === null) {
    throw new MediaFault('unsupported', `USB cameras cannot be read here: this FFmpeg has no "${format}" input.`);
  }
  const { name } = chosenDevice(address, list());
  const reader = await VideoReader.connect(
    // DirectShow reads names behind a word for their kind.
    format === 'dshow' ? `video=${name}` : name,
    {
      device,
      maxPixels,
      tap,
      hardware,
      strict: false,
      openFault,
      readFault,
      noVideo: noVideoFault,
      options: optionsOf(address, format),
    },
    { signal, onAnswer },
  );
  return new NetworkSource(reader, maxPixels, 'usb');
}

const codecNames: Readonly<Record<UsbCodec, string>> = { raw: 'rawvideo', mjpeg: 'mjpeg', h264: 'h264' };

/** @throws MediaFault where a codec is asked for that cannot be chosen on this system. */
function optionsOf({ size, fps, codec }: UsbAddress, format: string): Readonly<Record<string, string>> {
  const asked = {
    ...(size === null ? {} : { video_size: `${String(size.width)}x${String(size.height)}` }),
    ...(fps === null ? {} : { framerate: String(fps) }),
  };
  if (codec === null) return asked;
  if (format === 'v4l2') return { ...asked, input_format: codecNames[codec] };
  if (format === 'dshow') return { ...asked, vcodec: codecNames[codec] };
  throw new MediaFault('unsupported', 'The codec of a USB camera cannot be chosen on this system: leave it out.');
}

function openFault(code: number): MediaFault {
  switch (code) {
    case deviceBusy:
      return new MediaFault('unreadable', 'The USB camera is in use: by another program, or by another camera here.');
    case noSuchDevice:
      return new MediaFault('missing', 'The USB camera is not there any more.');
    case invalidArgument:
    case AVERROR_INVALIDDATA:
      return new MediaFault(
        'unsupported',
        'The USB camera does not send this size, rate or codec: ask it for another.',
      );
    case inputOutput:
      return new MediaFault('unreadable', 'The USB camera does not start: another program may use it.');
    default:
      return posixName(code) === 'EACCES' || posixName(code) === 'EPERM'
        ? new MediaFault(
            'unreadable',
            'The system does not let this user open the USB camera (on Linux: group "video").',
          )
        : new MediaFault('unreadable', `The USB camera cannot be opened: ${ffmpegWords(code)}.`);
  }
}

function readFault(code: number): MediaFault {
  return code === noSuchDevice || code === AVERROR_EOF || code === inputOutput
    ? new MediaFault('unreadable', 'The USB camera was pulled out, or stopped.')
    : new MediaFault('unreadable', `The USB camera failed: ${ffmpegWords(code)}.`);
}
