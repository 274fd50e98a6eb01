import type { RecordingGap } from './recording.ts';

/** How fast footage may be played. */
export const playbackSpeeds = [0.25, 0.5, 1, 2, 4, 8, 16] as const;

export interface PlaybackControl {
  readonly sessionId: string;
  /** Where to go, epoch ms. */
  readonly atMs?: number | undefined;
  readonly speed?: number | undefined;
  readonly paused?: boolean | undefined;
  /** One picture on or back; it is paused then. */
  readonly step?: -1 | 1 | undefined;
}

export interface PlaybackState {
  readonly sessionId: string;
  readonly cameraId: string;
  /** Of the newest picture; in a gap: where the footage ended. */
  readonly atMs: number;
  readonly speed: number;
  /** `gap`: it goes on behind it by itself; `end`: there is no later footage. */
  readonly state: 'playing' | 'paused' | 'gap' | 'end';
  /** Why there is no picture of this moment; null where there is one. */
  readonly gap: RecordingGap | null;
}
