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
  };
  readonly engine: EngineState;
  /** Delay of this process's event loop over the last minute. */
  readonly eventLoopP99Ms: number;
}
