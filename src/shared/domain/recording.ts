import type { ShedCounts } from './repair.ts';

/** When a camera's packets are written: never, around its events, or always. */
export const recordingModes = ['off', 'events', 'continuous'] as const;
export type RecordingMode = (typeof recordingModes)[number];

/** Recorded before an event's first frame, and after its last. */
export const preRollMs = 5_000;
export const postRollMs = 10_000;

/** What may wait for a slow disk, a camera: 12 s of 20 Mbit/s. Then whole groups of pictures are left out. */
export const mostWaitingBytes = 32 * 1024 * 1024;

/** How much of a disk footage leaves to everything else. Both must hold. */
export interface SpaceThresholds {
  /** Share of the disk that stays free, on disks where that is no more than `plentyBytes`. */
  readonly freeShare: number;
  /** On a large disk a share is far too much: so much free is enough. */
  readonly plentyBytes: number;
  /** And never less than this, whatever the share says. */
  readonly floorBytes: number;
}

/** Why there is no footage of a stretch of time. */
export const gapReasons = [
  'off', // recording, or the camera, was switched off
  'no-event', // recorded around events only, and nothing happened
  'starting', // the camera was being opened, or its next keyframe awaited
  'camera-offline',
  'engine-lost',
  'not-running', // Nightshift was not running
  'disk-full',
  'disk-slow', // the disk could not take the packets in time
  'disk-error',
  'not-recordable', // the source has no packets, or they are in a codec that MP4 does not carry
  'deleted', // made room for newer footage, or grew too old
  'unknown',
] as const;
export type GapReason = (typeof gapReasons)[number];

/** What stands where footage is missing: "Not recorded: …". */
export const gapWords: Readonly<Record<GapReason, string>> = {
  off: 'recording was switched off',
  'no-event': 'nothing happened',
  starting: 'the camera was being opened',
  'camera-offline': 'the camera was offline',
  'engine-lost': 'the engine had to be replaced',
  'not-running': 'Nightshift was not running',
  'disk-full': 'the disk was full',
  'disk-slow': 'the disk was too slow',
  'disk-error': 'the disk failed',
  'not-recordable': 'this source cannot be recorded',
  deleted: 'deleted to keep to the retention rules',
  unknown: 'no reason is known',
};

/** One file of footage: about a minute, beginning at a keyframe. Times are epoch ms, [fromMs, toMs). */
export interface RecordingSegment {
  readonly id: number;
  readonly fromMs: number;
  /** Of one that is being written: now. */
  readonly toMs: number;
  readonly bytes: number;
  /** FFmpeg's name; null: found on the disk without its row. */
  readonly codec: string | null;
  readonly isOpen: boolean;
  /** Overlaps a stretch that is kept: retention leaves it alone. */
  readonly isKept: boolean;
}

export interface RecordingGap {
  readonly fromMs: number;
  readonly toMs: number;
  readonly reason: GapReason;
}

/** What there is of a camera between two moments: segments and gaps together cover all of it up to now. */
export interface RecordingCoverage {
  readonly cameraId: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly segments: readonly RecordingSegment[];
  readonly gaps: readonly RecordingGap[];
}

export type RecordingState = 'off' | 'recording' | 'waiting' | 'stopped';

export interface CameraRecording {
  readonly cameraId: string;
  readonly name: string;
  readonly mode: RecordingMode;
  readonly keepDays: number | null;
  readonly state: RecordingState;
  /** Why nothing is written right now; null while something is. */
  readonly reason: GapReason | null;
  /** It is its small stream that is recorded, because the large one is away: why that is. Null: it is as it should be. */
  readonly smallBecause: string | null;
  readonly bytes: number;
  readonly keptBytes: number;
  readonly oldestMs: number | null;
  readonly newestMs: number | null;
  /** Over the last day of what is recorded; null before a minute has been. */
  readonly bytesPerDay: number | null;
  /** Packets that a slow disk made the engine leave out since it was started. */
  readonly packetsLeftOut: number;
  /** Frames of the last day that were not analysed live, and older ones that are still to be repaired. */
  readonly repair: ShedCounts;
}

export interface RecordingStatus {
  readonly folder: string;
  readonly cameras: readonly CameraRecording[];
  /** Null where the disk does not say. */
  readonly disk: {
    readonly freeBytes: number;
    readonly totalBytes: number;
    /** Retention keeps so much free. */
    readonly keepFreeBytes: number;
  } | null;
  /**
   * At the measured rate: until the oldest footage has to make room for new. Null: nothing is recorded, it is not measured
   * yet, or the cameras' own days come before.
   */
  readonly daysLeft: number | null;
}

export interface RecordingExport {
  readonly file: string;
  readonly bytes: number;
  /** What is really in it: whole stretches from keyframe to keyframe, one after the other. */
  readonly ranges: readonly { readonly fromMs: number; readonly toMs: number }[];
  readonly durationMs: number;
}
