/**
 * Media travel beside the contract, as binary. A picture message is one buffer: u32 little-endian length of a JSON
 * header, the header, then the JPEG. The viewer answers each picture with `ack`; at most one unacknowledged picture a
 * camera is in flight, a newer one replaces the one that waits, and an unsubscribed camera costs nothing.
 */
export interface PictureHeader {
  readonly cameraId: string;
  readonly capturedAtMs: number;
  readonly width: number;
  readonly height: number;
  /** True where this very frame goes to the model, so that a `cameras.result` of the same time will come (or a drop). */
  readonly analysed: boolean;
}

/** Viewer → host. */
export type MediaRequest =
  | { readonly type: 'watch'; readonly cameraId: string; readonly maxFps: number }
  | { readonly type: 'unwatch'; readonly cameraId: string }
  | { readonly type: 'ack'; readonly cameraId: string };

/** A growing clip would turn this into a frame bound; 8 MiB is far above any 4K JPEG preview. */
export const maxPictureBytes = 8 * 1024 * 1024;

export function encodePicture(header: PictureHeader, jpeg: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = new TextEncoder().encode(JSON.stringify(header));
  const out = new Uint8Array(4 + head.byteLength + jpeg.byteLength);
  new DataView(out.buffer).setUint32(0, head.byteLength, true);
  out.set(head, 4);
  out.set(jpeg, 4 + head.byteLength);
  return out;
}

export function decodePicture(message: ArrayBuffer): { header: PictureHeader; jpeg: Uint8Array<ArrayBuffer> } {
  const length = new DataView(message).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(message, 4, length))) as PictureHeader;
  return { header, jpeg: new Uint8Array(message, 4 + length) };
}

/** Still pictures are plain GETs under the renderer's own origin, in both hosts. */
export const stillPaths = {
  /** Best picture of a live event. */
  event: (eventId: number, width: number): string => `/still/event/${String(eventId)}?w=${String(width)}`,
  /** The picture or video frame of an archive detection. */
  detection: (id: string, width: number): string => `/still/detection/${encodeURIComponent(id)}?w=${String(width)}`,
} as const;

/** Widths a viewer may ask for; others are refused, so that nobody can fill the cache. */
export const stillWidths = [160, 320, 640, 1280, 1920] as const;
