import type { DropReason } from '../../shared/domain/camera.ts';
import type { LaneName } from '../../shared/domain/lanes.ts';
import type { Ticket } from '../../shared/engine/protocol.ts';
import type { LiveRun } from './live-run.ts';
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
export interface Run extends DecisionBase {
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
  readonly startedMonoMs: number;
  /** Camera of the most urgent frame, or the job's name. */
  readonly subject: string;
  /** Longest wait among the frames it takes: since capture, in the archive since they were decoded. */
  readonly waitedMs: number;
  /** What goes on waiting beside it. */
  readonly liveWaiting: number;
  readonly archiveWaiting: number;
}

export interface ArchiveRun extends Run {
  readonly lane: 'archive';
}

export type RunDecision = LiveRun | ArchiveRun;

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
  | {
      readonly is: 'live-collecting';
      /** Camera of the frame that has waited longest for company. */
      readonly camera: string;
      readonly waiting: number;
      readonly places: number;
    }
  | { readonly is: 'archive-alone' }
  | {
      readonly is: 'archive-fits';
      /** Room the chunk had, and the camera that sets it (null: no arrival is predicted). */
      readonly roomMs: number;
      readonly camera: string | null;
    }
  | { readonly is: 'archive-floor'; readonly share: number }
  | { readonly is: 'archive-held'; readonly needMs: number; readonly roomMs: number; readonly camera: string | null }
  /** Cameras miss their promises: the archive has its floor and no more. */
  | { readonly is: 'archive-shed'; readonly share: number }
  /** Cameras without a rhythm are open, and lately chunks made more of their frames late than they may (`answer-budget.ts`). */
  | { readonly is: 'archive-overdrawn'; readonly share: number }
  /** Nothing of the archive ran for long, and a prediction that only runs can correct may be the cause. */
  | { readonly is: 'archive-relearn'; readonly roomMs: number }
  | { readonly is: 'archive-filling'; readonly waiting: number; readonly places: number };

/** What the words of a decision depend on. */
export type ExplainedDecision =
  | Pick<Run, 'kind' | 'lane' | 'batch' | 'predictedMs' | 'reason'>
  | Pick<WaitDecision | IdleDecision, 'kind' | 'reason'>;

/** The decision in an operator's words. */
export function explainDecision(decision: ExplainedDecision): string {
  const { reason } = decision;
  const what =
    decision.kind === 'run'
      ? `${decision.lane} ${decision.lane === 'live' ? 'batch' : 'chunk'} of ${decision.batch}, predicted ${ms(decision.predictedMs)}`
      : '';
  switch (reason.is) {
    case 'busy':
      return 'the device is busy';
    case 'empty':
      return 'nothing waits';
    case 'not-warmed':
      return `waiting until ${reason.modelId} is warmed up`;
    case 'live':
      return `${what}: ${reason.camera} has waited ${ms(reason.waitedMs)}, ${ms(reason.leftMs)} left of its promise`;
    case 'live-window':
      return `waiting for ${reason.camera}'s next frame to run both in one batch`;
    case 'live-collecting':
      return `collecting a live batch of ${reason.places} behind ${reason.camera}: ${reason.waiting} wait`;
    case 'archive-alone':
      return `${what}: no camera is open`;
    case 'archive-fits':
      return reason.camera === null
        ? `${what}, fits the ${ms(reason.roomMs)} that cameras leave`
        : `${what}, fits ${ms(reason.roomMs)} until ${reason.camera}'s next frame`;
    case 'archive-floor':
      return `${what}: the archive's guaranteed ${Math.round(reason.share * 100)} %`;
    case 'archive-held':
      return reason.camera === null
        ? `archive held: a chunk takes ${ms(reason.needMs)}, cameras leave ${ms(reason.roomMs)}`
        : `archive held for ${reason.camera}'s next frame: a chunk takes ${ms(reason.needMs)}, ${ms(reason.roomMs)} are left`;
    case 'archive-shed':
      return reason.share > 0
        ? `archive at its guaranteed ${Math.round(reason.share * 100)} %: cameras miss their promises`
        : 'archive held: cameras miss their promises';
    case 'archive-overdrawn':
      return (
        (reason.share > 0 ? `archive at its guaranteed ${Math.round(reason.share * 100)} %: ` : 'archive held: ') +
        'its chunks were in the way of frames that nobody could foresee'
      );
    case 'archive-relearn':
      return `${what}: nothing of the archive ran for long, to measure it anew in ${ms(reason.roomMs)} that cameras leave`;
    case 'archive-filling':
      return `archive chunk of ${reason.places} is filling: ${reason.waiting} frames wait`;
    default:
      return unknownReason(reason);
  }
}

const ms = (value: number): string => `${Math.max(0, Math.round(value))} ms`;

function unknownReason(reason: never): never {
  throw new Error(`unknown reason ${JSON.stringify(reason)}`);
}
