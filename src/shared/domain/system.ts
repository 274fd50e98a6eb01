import type { DecoderState } from './decoding.ts';
import type { PictureStats } from './picture-api.ts';

export type EngineStateName = 'starting' | 'warming' | 'ready' | 'lost' | 'stopped';

export interface EngineState {
  readonly state: EngineStateName;
  readonly sinceMs: number;
  readonly pid: number | null;
  readonly device: string;
  readonly provider: string;
  readonly providersTried: readonly { readonly provider: string; readonly taken: boolean; readonly why: string }[];
  readonly threads: number;
  readonly residentBytes: number | null;
  readonly restarts: number;
  /** In words: what it is doing, or why it is away and what happens next. */
  readonly detail: string;
}

export type NoticeLevel = 'info' | 'warning' | 'error';

/** One line an operator must not miss; cleared by itself when its cause is gone. */
export interface Notice {
  readonly id: number;
  readonly atMs: number;
  readonly level: NoticeLevel;
  /** Groups notices of one cause: `engine-lost`, `camera-offline:<id>`, `job-resumed:<id>`. */
  readonly topic: string;
  readonly text: string;
  readonly clearedAtMs: number | null;
}

export const queueNames = [
  'live-frames',
  'archive-frames',
  'live-results',
  'store-calls',
  'store-callers',
  'preview-pictures',
  'viewer-packets',
  'client-events',
  'api-pictures',
  'review-pictures',
  'timeline-records',
  'recording-packets',
  'recording-exports',
  'repair-frames',
] as const;
export type QueueName = (typeof queueNames)[number];

/** What happens to one more when a queue is full. */
export type QueuePolicy =
  | 'oldest-out'
  | 'back-pressure'
  | 'callers-wait'
  | 'refused'
  | 'newest-wins'
  | 'left-out'
  | 'groups-left-out'
  | 'up-to-keyframe';

/** One bounded queue, as it is now. */
export interface QueueStatus {
  readonly name: QueueName;
  readonly unit: 'frames' | 'rows' | 'calls' | 'pictures' | 'packets' | 'bytes';
  readonly waiting: number;
  /** The most that may wait now; it follows the number of cameras, viewers and clients. 0: there are none. */
  readonly bound: number;
  readonly policy: QueuePolicy;
  /** Dropped, superseded, refused or left out since this process started. */
  readonly givenUp: number;
}

export interface SystemStatus {
  readonly versions: Readonly<Record<string, string>>;
  readonly host: 'electron' | 'browser';
  readonly machine: {
    readonly cores: number;
    readonly memoryBytes: number;
    readonly platform: string;
    readonly cpu: string;
  };
  readonly store: {
    readonly path: string;
    readonly bytes: number;
    readonly freeBytes: number | null;
    readonly detections: number;
    readonly schemaVersion: number;
    readonly sqlite: string;
    /** The most calls that waited for the store at once, and those that took it unusually long, since it was opened. */
    readonly mostWaiting: number;
    readonly slowCalls: number;
  };
  readonly engine: EngineState;
  /** What decodes cameras beside the processor. */
  readonly decoders: DecoderState;
  /** What programs sent in. */
  readonly pictures: PictureStats;
  /** Every queue of this process: none is without a bound. */
  readonly queues: readonly QueueStatus[];
  /** Delay of this process's event loop over the last minute. */
  readonly eventLoopP99Ms: number;
}
