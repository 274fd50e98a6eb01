import type { EngineEnd } from '../../core/jobs/suspects.ts';
import type { Clock } from '../../core/ports.ts';
import type { EngineState } from '../../shared/domain/system.ts';
import type { EngineReplies, FromEngine } from '../../shared/engine/protocol.ts';
import type { Log, SpawnEngine } from '../ports.ts';
import type { ProviderChoice } from './choose-providers.ts';
import type { ChosenModel } from './provider-keeper.ts';

export interface EngineLoss {
  /** For operators. */
  readonly text: string;
  /** What its end says about the frames it was running. */
  readonly end: EngineEnd;
  readonly retryInMs: number;
  /** It was opening or warming a model. */
  readonly whilePreparing: boolean;
}

/** Why we ended an engine ourselves. */
export type KillCause = 'memory' | 'hung-call';

export interface EngineHostOptions {
  readonly spawn: SpawnEngine;
  readonly clock: Clock;
  readonly log: Log;
  /** Execution providers to try in order, where nothing else is chosen for a model. */
  readonly providers: readonly string[];
  /** Chooses for each model; left out: `providers`. */
  readonly chooser?: ProviderChooser;
  readonly intraOpThreads: number;
  readonly archiveWindow: number;
  readonly maxPixels: number;
  /** Above soft the engine is replaced between two batches; above hard it is killed at once. */
  readonly memory: { readonly softBytes: number; readonly hardBytes: number };
}

/** Who knows what a model runs on. */
export interface ProviderChooser {
  /** Null where it is chosen already; else resolves once it is. */
  settle(model: ChosenModel): Promise<void> | null;
  choice(modelSha256: string): ProviderChoice;
  opened(model: ChosenModel, loaded: EngineReplies['load-model']): ProviderChoice;
  deviceOf(provider: string): string;
}

export interface EngineListener {
  /** A fresh engine answers; models must be loaded and cameras opened again. */
  ready(): void;
  lost(loss: EngineLoss): void;
  message(message: FromEngine): void;
  state(state: EngineState): void;
  /** The engine is over its soft memory limit and should be replaced when the slot is free. */
  recycle(): void;
}
