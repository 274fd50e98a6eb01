import type { PlayCommand, PlayProgress, RecordingPiece } from '../../../shared/engine/protocol.ts';
import type { Jpeg } from '../jpeg-encoder.ts';

export type ToPlayer =
  | { readonly type: 'footage'; readonly pieces: readonly RecordingPiece[] }
  | { readonly type: 'play'; readonly command: PlayCommand };

export type FromPlayer =
  | { readonly type: 'picture'; readonly capturedAtMs: number; readonly preview: Jpeg }
  | { readonly type: 'progress'; readonly progress: PlayProgress };
