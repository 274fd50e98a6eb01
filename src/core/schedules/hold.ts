import { allowedFrom, mayRunAt, type AllowedHours } from './allowed-hours.ts';

export type HoldDecision =
  | { readonly do: 'nothing' }
  /** Pause it until its hours begin again. */
  | { readonly do: 'hold'; readonly untilMs: number }
  /** Its hours have begun: go on with it where it was paused for them. */
  | { readonly do: 'go-on' };

/**
 * What becomes of a schedule's running scan by its hours. `heldUntilMs`: as the last `hold` of it said, null after `go-on`. It is
 * held once for each stretch outside of them: somebody who lets it run in between is not contradicted.
 */
export function decideHold(hours: AllowedHours, heldUntilMs: number | null, nowMs: number): HoldDecision {
  if (mayRunAt(hours, nowMs)) return { do: heldUntilMs === null ? 'nothing' : 'go-on' };
  const untilMs = allowedFrom(hours, nowMs);
  return untilMs === null || untilMs === heldUntilMs ? { do: 'nothing' } : { do: 'hold', untilMs };
}
