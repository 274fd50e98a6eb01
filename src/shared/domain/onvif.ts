import type { UsbCamera } from '../usb-address.ts';

/** A camera that answered when all were asked. */
export interface OnvifDevice {
  /** Of its device service, e.g. `http://192.0.2.10/onvif/device_service`. */
  readonly address: string;
  readonly host: string;
  readonly name: string | null;
  readonly hardware: string | null;
}

/** What a look for cameras found: those that answered in the networks, and those at this machine. */
export interface FoundCameras {
  readonly devices: readonly OnvifDevice[];
  readonly usb: readonly UsbCamera[];
  /** Why the networks, or this machine, could not be asked; null: both were. */
  readonly missed: string | null;
}

/** A stream that a camera says it has; nothing of it was opened. */
export interface OnvifStream {
  /** At the camera's own host, whatever the camera calls itself. */
  readonly url: string;
  readonly name: string;
  readonly codec: string | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly fps: number | null;
}

export interface OnvifStreams {
  readonly maker: string | null;
  readonly model: string | null;
  /** The smallest first. */
  readonly streams: readonly OnvifStream[];
}
