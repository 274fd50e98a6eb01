import { toErrorValue, type ErrorValue } from '../../shared/errors.ts';
import { SourceAway } from './source-away.ts';

export type RunEnd =
  | { readonly end: 'done' }
  | { readonly end: 'stopped' }
  /** The store takes no results for now (a full disk), or the files are away: the job can go on where it is once that is mended. */
  | { readonly end: 'held-up'; readonly error: ErrorValue }
  | { readonly end: 'failed'; readonly error: ErrorValue };

/** A full disk or a share that is away is the operator's to mend, and no fault of the job. */
export function endOf(caught: unknown): RunEnd {
  const error = toErrorValue(caught);
  return { end: error.kind === 'no-space' || caught instanceof SourceAway ? 'held-up' : 'failed', error };
}
