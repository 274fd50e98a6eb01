/** A camera at this machine's own connectors: `usb:/dev/video0`, `usb:HD Webcam?size=1280x720&fps=30&codec=mjpeg`. */
export interface UsbAddress {
  /** Its path, or its name as it tells it. */
  readonly device: string;
  /** What it is asked for; null: what it sends by itself. */
  readonly size: { readonly width: number; readonly height: number } | null;
  readonly fps: number | null;
  readonly codec: UsbCodec | null;
}

/** What such cameras send; over USB 2 the large sizes go compressed only. */
export const usbCodecs = ['raw', 'mjpeg', 'h264'] as const;
export type UsbCodec = (typeof usbCodecs)[number];

/** One that was found, with the address that opens it. */
export interface UsbCamera {
  readonly url: string;
  readonly name: string;
}

export const usbExample = 'usb:/dev/video0 or usb:HD Webcam?size=1280x720&fps=30&codec=mjpeg';

/** Paths of video devices only: nothing else of the machine is opened by this scheme. */
const devicePath = /^\/dev\/(?:video\d{1,4}|v4l\/by-(?:id|path)\/[\w.:+@-]{1,200})$/;
const longestName = 200;

/** Reads `usb:…`; where it is none, a string that says why. Nothing is opened, so nothing is known to be there. */
export function parseUsbAddress(url: string): UsbAddress | string {
  const match = /^usb:([^?]*)(?:\?(.*))?$/is.exec(url);
  if (match === null) return 'This is not the address of a USB camera.';
  const device = decoded(match[1] ?? '').trim();
  if (device === '') return 'The address names no USB camera.';
  if (device.length > longestName || /[\u0000-\u001f\u007f]/.test(device)) {
    return 'The name of the USB camera is too long, or has a control character in it.';
  }
  if (device.startsWith('/') && !devicePath.test(device)) return 'This is not the path of a USB camera.';
  const asked = new Map(
    (match[2] ?? '')
      .split('&')
      .filter((part) => part !== '')
      .map((part) => [part.split('=', 1)[0] ?? '', part.split('=').slice(1).join('=')]),
  );
  for (const key of asked.keys()) {
    if (key !== 'size' && key !== 'fps' && key !== 'codec') return `A USB camera cannot be asked for "${key}".`;
  }
  const size = sizeOf(asked.get('size') ?? null);
  if (size === undefined) return 'The size of a USB camera is written as 1280x720.';
  const fps = asked.has('fps') ? Number(asked.get('fps')) : null;
  if (fps !== null && !(fps >= 1 && fps <= 240)) return 'The rate of a USB camera is a number from 1 to 240.';
  const codec = asked.has('codec') ? usbCodecs.find((one) => one === asked.get('codec')) : null;
  if (codec === undefined) return `The codec of a USB camera is one of ${usbCodecs.join(', ')}.`;
  return { device, size, fps, codec };
}

/** The one spelling of an address, which `parseUsbAddress` reads as the same. */
export function usbUrl({ device, size, fps, codec }: UsbAddress): string {
  const asked = [
    ...(size === null ? [] : [`size=${String(size.width)}x${String(size.height)}`]),
    ...(fps === null ? [] : [`fps=${String(fps)}`]),
    ...(codec === null ? [] : [`codec=${codec}`]),
  ];
  const written = device.split('/').map(encodeURIComponent).join('/');
  return `usb:${written}${asked.length === 0 ? '' : `?${asked.join('&')}`}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Undefined: it cannot be one. */
function sizeOf(text: string | null): UsbAddress['size'] | undefined {
  if (text === null) return null;
  const [, width, height] = /^(\d{2,5})x(\d{2,5})$/.exec(text) ?? [];
  return width === undefined || height === undefined ? undefined : { width: Number(width), height: Number(height) };
}
