import type { DropReason } from '../../shared/domain/camera.ts';
import type { LaneName } from '../../shared/domain/lanes.ts';
import type { Ticket } from '../../shared/engine/protocol.ts';
import type { WorkShape } from './work-shape.ts';

/** A live frame that will not be analysed. Tell the engine to discard `frameId` and count the reason for the camera. */
export interface FrameDrop {
  readonly frameId: number;
  readonly source: string;
  readonly reason: DropReason;
}

interface DecisionBase {
  /** Live frames that are given up by this decision; part of every kind. */
  readonly drops: readonly FrameDrop[];
  readonly reason: DecisionReason;
}

/** Run these frames in one native call, now. */
export interface RunDecision extends DecisionBase {
  readonly kind: 'run';
  readonly batchId: number;
  readonly lane: LaneName;
  readonly shape: WorkShape;
  /** Null for the live lane. */
  readonly jobId: string | null;
  readonly tickets: readonly Ticket[];
  /** `tickets.length`: always a warmed ladder size. */
  readonly batch: number;
  /** The ladder size that was aimed at; more than `batch` only when too few frames were there. */
  readonly places: number;
  readonly predictedMs: number;
}

/** Ask again at `untilMonoMs`, or at once when anything changes before. */
export interface WaitDecision extends DecisionBase {
  readonly kind: 'wait';
  readonly untilMonoMs: number;
}

/** Nothing can happen before something changes (a ticket, an end of a run, a warmed size). */
export interface IdleDecision extends DecisionBase {
  readonly kind: 'idle';
}

export type Decision = RunDecision | WaitDecision | IdleDecision;

/** Why, as a value: words are made only for the decisions that somebody reads (`explainDecision`). */
export type DecisionReason =
  | { readonly is: 'busy' }
  | { readonly is: 'empty' }
  | { readonly is: 'not-warmed'; readonly modelId: string }
  | { readonly is: 'live'; readonly camera: string; readonly waitedMs: number; readonly leftMs: number }
  | { readonly is: 'live-window'; readonly camera: string }
  | { readonly is: 'archive-alone' }
  | {
      readonly is: 'archive-fits';
      /** Room the chunk had, and the camera that sets it (null: no arrival is predicted). */
      readonly roomMs: number;
      readonly camera: string | null;
    }
  | { readonly is: 'archive-floor'; readonly share: number }
  | { readonly is: 'archive-held'; readonly needMs: number; readonly roomMs: number; readonly camera: string | null }
  | { readonly is: 'archive-filling'; readonly waiting: number; readonly places: number };
