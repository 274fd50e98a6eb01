import type { MessagePort } from 'node:worker_threads';
import type { RecordingNews, RecordingOrder } from '../../../shared/engine/protocol.ts';

/** What a container has to know of a stream before its first packet. */
export interface CodecFacts {
  /** FFmpeg's number and name of it. */
  readonly id: number;
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly format: number;
  readonly profile: number;
  readonly level: number;
  readonly extradata: Uint8Array<ArrayBuffer> | null;
}

export interface RecordedPacket {
  /** Transferred. */
  readonly data: Uint8Array<ArrayBuffer>;
  readonly isKey: boolean;
  /** In ticks of `recordedHz`, growing from packet to packet. */
  readonly dts: number;
  readonly pts: number;
  readonly duration: number;
  /** When it came, epoch ms. */
  readonly atMs: number;
}

/** A camera's thread to the recorder's, on a port of their own. */
export type FromTap =
  | { readonly type: 'codec'; readonly codec: CodecFacts }
  | { readonly type: 'packet'; readonly packet: RecordedPacket }
  /** No packet follows for a while; the next one is a keyframe. */
  | { readonly type: 'break'; readonly atMs: number; readonly reason: 'disk-slow' | 'no-event' | 'not-recordable' }
  | { readonly type: 'end'; readonly atMs: number };

/** What a camera's thread is given to be recorded. */
export interface TapOrder {
  readonly mode: RecordingOrder['mode'];
  readonly packets: MessagePort;
  readonly load: SharedArrayBuffer;
}

export type ToRecorder =
  | {
      readonly type: 'attach';
      readonly cameraId: string;
      readonly order: RecordingOrder;
      readonly packets: MessagePort;
      readonly load: SharedArrayBuffer;
    }
  /** Ends when every camera's port has ended. */
  | { readonly type: 'finish' };

export interface FromRecorder {
  readonly type: 'recording';
  readonly cameraId: string;
  readonly news: RecordingNews;
}
