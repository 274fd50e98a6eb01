import type { CameraState } from '../../shared/domain/camera.ts';
import type { StreamRefusal } from '../worker/messages.ts';

/** What a window knows of one tile. */
export interface TileSight {
  /** It lies within what is scrolled to. */
  readonly isInView: boolean;
  /** The window is shown: neither minimised nor behind another tab. */
  readonly isPageShown: boolean;
  readonly isFocused: boolean;
  readonly state: CameraState;
  /** FFmpeg's name, of the stream that an enlarged tile gets; null: not opened yet. */
  readonly codec: string | null;
  /** That is a large stream, which is opened once somebody asks for it. */
  readonly isOpenedOnDemand: boolean;
  readonly sourceFps: number | null;
  /** Why the codec was not decoded here before. */
  readonly refusal: StreamRefusal | null;
}

/** Why an enlarged tile shows previews and not the camera's own stream. */
export type PreviewReason =
  | { readonly kind: 'drawn' }
  | { readonly kind: 'single-pictures' }
  | { readonly kind: 'codec-unknown'; readonly codec: string }
  | { readonly kind: 'refused'; readonly codec: string; readonly refusal: StreamRefusal };

/** What a tile asks of the host. */
export type TileWish =
  | { readonly kind: 'nothing' }
  | {
      readonly kind: 'previews';
      readonly fps: number;
      /** Null: small ones. */
      readonly width: number | null;
      readonly reason: PreviewReason | null;
    }
  /** And previews until its first picture is decoded. */
  | { readonly kind: 'stream'; readonly codec: string; readonly fps: number };

/** The most that eyes want of a small picture, and what 16 tiles leave of two cores. */
const mostPreviewFps = 10;
const leastPreviewFps = 0.1;
/** An enlarged camera whose stream cannot be had fills the window: its previews come as large as it is, up to this. */
const enlargedWidth = 1920;
/** Codecs whose packets the host passes on. */
const streamed: readonly string[] = ['h264', 'hevc'];

/** A tile that nobody sees asks for nothing; the focused one for the camera's own packets, where they can be had. */
export function wishOf(sight: TileSight): TileWish {
  const { isInView, isPageShown, isFocused, state, codec, refusal } = sight;
  if (!isInView || !isPageShown || state === 'disabled') return { kind: 'nothing' };
  const fps = previewFps(sight.sourceFps);
  if (isFocused && codec === null && sight.isOpenedOnDemand) return { kind: 'stream', codec: '', fps };
  if (!isFocused || codec === null)
    return { kind: 'previews', fps, width: isFocused ? enlargedWidth : null, reason: null };
  if (refusal === null && streamed.includes(codec)) return { kind: 'stream', codec, fps };
  const reason: PreviewReason = refusal === null ? reasonOf(codec) : { kind: 'refused', codec, refusal };
  return { kind: 'previews', fps, width: enlargedWidth, reason };
}

export const previewFps = (sourceFps: number | null): number =>
  Math.max(leastPreviewFps, Math.min(sourceFps ?? mostPreviewFps, mostPreviewFps));

function reasonOf(codec: string): PreviewReason {
  if (codec === 'test-pattern') return { kind: 'drawn' };
  if (codec === 'mjpeg') return { kind: 'single-pictures' };
  return { kind: 'codec-unknown', codec };
}
