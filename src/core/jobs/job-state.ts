import type { JobState } from '../../shared/domain/job.ts';
import { NightshiftError } from '../../shared/errors.ts';

/**
 * queued → enumerating → running → done. A job that is paused, interrupted (its host ended) or run again goes back to
 * queued: enumerating again is cheap and finds what changed. Failed is a job that could not go on at all; items that
 * failed are no reason for it.
 */
export type JobAction =
  | { readonly do: 'start' }
  | { readonly do: 'enumerated' }
  | { readonly do: 'finish' }
  | { readonly do: 'fail'; readonly reason: string }
  /** `reason`: null when somebody asked for it. */
  | { readonly do: 'pause'; readonly reason: string | null }
  | { readonly do: 'resume' }
  | { readonly do: 'interrupt' }
  | { readonly do: 'cancel' }
  | { readonly do: 'run-again' };

export interface JobStanding {
  readonly state: JobState;
  /** The job's own sentence when it is paused or failed. */
  readonly reason: string | null;
}

const allowedFrom: Readonly<Record<JobAction['do'], readonly JobState[]>> = {
  start: ['queued'],
  enumerated: ['enumerating'],
  finish: ['running'],
  fail: ['queued', 'enumerating', 'running'],
  pause: ['queued', 'enumerating', 'running'],
  resume: ['paused'],
  interrupt: ['enumerating', 'running'],
  cancel: ['queued', 'enumerating', 'running', 'paused'],
  'run-again': ['done', 'failed', 'cancelled'],
};

export const canDo = (state: JobState, action: JobAction['do']): boolean => allowedFrom[action].includes(state);

/** Throws `conflict` where the state does not allow the action. */
export function transition(state: JobState, action: JobAction): JobStanding {
  if (!canDo(state, action.do)) {
    throw new NightshiftError({
      kind: 'conflict',
      message: `A job that is ${state} cannot ${action.do.replace('-', ' ')}.`,
      hint: `That is possible while it is ${allowedFrom[action.do].join(' or ')}.`,
    });
  }
  switch (action.do) {
    case 'start':
      return { state: 'enumerating', reason: null };
    case 'enumerated':
      return { state: 'running', reason: null };
    case 'finish':
      return { state: 'done', reason: null };
    case 'fail':
      return { state: 'failed', reason: action.reason };
    case 'pause':
      return { state: 'paused', reason: action.reason };
    case 'resume':
    case 'interrupt':
    case 'run-again':
      return { state: 'queued', reason: null };
    case 'cancel':
      return { state: 'cancelled', reason: null };
    default:
      return unknownAction(action);
  }
}

export const isActive = (state: JobState): boolean => state === 'enumerating' || state === 'running';

function unknownAction(action: never): never {
  throw new Error(`unknown action ${JSON.stringify(action)}`);
}
