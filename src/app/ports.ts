import type { CameraTimes } from './cameras/camera-times.ts';
import type { Clock } from '../core/ports.ts';
import type { HardwareDecoder } from '../shared/domain/decoding.ts';
import type { NightshiftError } from '../shared/errors.ts';
import type { Secrets } from './secrets/secrets.ts';
import type { PostWebhook } from './infer/webhook.ts';
import type { FromEngine, ToEngine } from '../shared/engine/protocol.ts';

/** How an engine child ended. A signal that we did not send is no evidence against any frame. */
export interface EngineExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** One engine child. `app/` never knows whether it is a utility process or a forked Node. */
export interface EngineChannel {
  readonly pid: number;
  send(message: ToEngine): void;
  onMessage(listener: (message: FromEngine) => void): void;
  /** Called once; nothing is received after it. */
  onExit(listener: (exit: EngineExit) => void): void;
  /** SIGKILL or its equivalent. */
  kill(): void;
  /** Resident memory, read from outside; null where it cannot be read. */
  residentBytes(): Promise<number | null>;
  /** Processor time used since its start in core-ms, read from outside; null where it cannot be read. */
  processorMs(): Promise<number | null>;
}
/** Resolves once the child runs (before its `ready` message), rejects where it cannot be started. */
export type SpawnEngine = () => Promise<EngineChannel>;

/** The system's dialogs, where the host has any. */
export interface Dialogs {
  choose(request: {
    kind: 'folder' | 'files' | 'save';
    suggestedName?: string | undefined;
  }): Promise<readonly string[]>;
}

export interface Log {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** The outside world, handed to `composeApp` by the host that owns the process. */
export interface AppEnvironment {
  readonly host: 'electron' | 'browser';
  readonly dataDir: string;
  /** Folder of the models that ship with the application, and of its demo footage. */
  readonly modelsDir: string;
  readonly resourcesDir: string;
  /** Where exports go when nobody says otherwise. */
  readonly reportsDir: string;
  readonly storeWorkerFile: string;
  /** Another build of better-sqlite3's native part; undefined: its own. */
  readonly sqliteBinding?: string | undefined;
  readonly spawnEngine: SpawnEngine;
  /** Execution providers to use in this order, whatever is measured; undefined: the fastest. */
  readonly providers?: readonly string[] | undefined;
  /** The only hardware decoders that may be tried for cameras; undefined: those that may be here. */
  readonly decoders?: readonly HardwareDecoder[] | undefined;
  readonly dialogs: Dialogs | null;
  /** Keeps the cameras' passwords. */
  readonly secrets: Secrets;
  /** How patiently cameras are watched; left out: as it is told to operators. */
  readonly cameraTimes?: CameraTimes | undefined;
  /** How webhooks are sent; left out: over the network. */
  readonly postWebhook?: PostWebhook | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  /** Open the cameras that are switched on, and go on with unfinished jobs: what the application does, but no single command. */
  readonly openCameras: boolean;
  readonly resumeJobs: boolean;
  /** What is recorded, kept and repaired also where cameras are opened one by one, as a command asks for; left out: as `openCameras`. */
  readonly records?: boolean | undefined;
  /** The store is gone and nothing can be kept any more: say so and end the process; the next start goes on. */
  readonly onFatal: (error: NightshiftError) => void;
}
