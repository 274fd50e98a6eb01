/** A camera that answered when all were asked. */
export interface OnvifDevice {
  /** Of its device service, e.g. `http://192.0.2.10/onvif/device_service`. */
  readonly address: string;
  readonly host: string;
  readonly name: string | null;
  readonly hardware: string | null;
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
