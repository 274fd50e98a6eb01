import type { Picture } from '../../shared/contract/media.ts';
import type { StreamBatch } from '../../shared/contract/stream.ts';
import type { CameraResult } from '../state/live-pictures.ts';
import type { Drawn, SceneSize } from '../drawing/picture-scene.ts';

/** Why a camera's packets are not decoded here; the same pictures come as JPEG instead. */
export type StreamRefusal =
  /** The browser has no decoder for it, or none at all. */
  | { readonly kind: 'codec' }
  | { readonly kind: 'no-decoder' }
  /** Its decoder gave up again and again. */
  | { readonly kind: 'failed'; readonly message: string };

/** What the decoder did in the last second. */
export interface StreamFigures {
  readonly shownFps: number;
  readonly width: number;
  readonly height: number;
  /** Packets that were left out since the beginning, because the decoder did not keep up. */
  readonly leftOut: number;
}

/** Page → decoder. */
export type ToDecoder =
  | { readonly type: 'canvas'; readonly canvas: OffscreenCanvas; readonly size: SceneSize }
  | { readonly type: 'size'; readonly size: SceneSize }
  | { readonly type: 'picture'; readonly picture: Picture }
  | { readonly type: 'packets'; readonly batch: StreamBatch }
  | { readonly type: 'result'; readonly result: CameraResult };

/** Decoder → page. */
export type FromDecoder =
  | { readonly type: 'picture-taken' }
  | { readonly type: 'packets-taken' }
  | { readonly type: 'drawn'; readonly drawn: Drawn }
  /** Pictures of the stream are shown, or none came for a while: whether previews are needed beside it. */
  | { readonly type: 'streaming'; readonly on: boolean }
  | { readonly type: 'figures'; readonly figures: StreamFigures }
  | { readonly type: 'refused'; readonly refusal: StreamRefusal };
