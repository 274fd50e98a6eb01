import { decodeStream, readHeader, withHeader, type StreamBatch } from './stream.ts';

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

export interface Picture {
  readonly header: PictureHeader;
  readonly jpeg: Uint8Array<ArrayBuffer>;
}

/** Viewer → host, of pictures. */
export type PictureRequest =
  | {
      readonly type: 'watch';
      readonly cameraId: string;
      readonly maxFps: number;
      /** Left out: as small as tiles of a wall want them. */
      readonly maxWidth?: number | undefined;
    }
  | { readonly type: 'unwatch'; readonly cameraId: string }
  | { readonly type: 'ack'; readonly cameraId: string };

/** Viewer → host, of a camera's own packets (`stream.ts`). */
export type StreamRequest =
  | { readonly type: 'stream'; readonly cameraId: string }
  | { readonly type: 'unstream'; readonly cameraId: string }
  | { readonly type: 'ack-stream'; readonly cameraId: string };

export type MediaRequest = PictureRequest | StreamRequest;

/** A growing clip would turn this into a frame bound; 8 MiB is far above any 4K JPEG preview. */
export const maxPictureBytes = 8 * 1024 * 1024;

export function encodePicture(header: PictureHeader, jpeg: Uint8Array): Uint8Array<ArrayBuffer> {
  return withHeader(header, [jpeg]);
}

export type MediaMessage =
  { readonly kind: 'picture'; readonly picture: Picture } | { readonly kind: 'stream'; readonly batch: StreamBatch };

/** What came over the media path. */
export function decodeMedia(message: ArrayBuffer): MediaMessage {
  const { header, rest } = readHeader(message);
  const batch = decodeStream(header, rest);
  if (batch !== null) return { kind: 'stream', batch };
  return { kind: 'picture', picture: { header: header as PictureHeader, jpeg: rest } };
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
