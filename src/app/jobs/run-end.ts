import { toErrorValue, type ErrorValue } from '../../shared/errors.ts';

export type RunEnd =
  | { readonly end: 'done' }
  | { readonly end: 'stopped' }
  /** The store does not take results for now (a full disk, say): the job can go on where it is once that is mended. */
  | { readonly end: 'held-up'; readonly error: ErrorValue }
  | { readonly end: 'failed'; readonly error: ErrorValue };

/** A full disk is the operator's to mend, and no fault of the job. */
export function endOf(caught: unknown): RunEnd {
  const error = toErrorValue(caught);
  return { end: error.kind === 'no-space' ? 'held-up' : 'failed', error };
}
