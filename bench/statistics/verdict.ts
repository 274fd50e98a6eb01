import type { Interval } from './bootstrap.ts';

/** What a figure should be: at least, or at most, the limit. `stretch` is what one would be proud of. */
export interface Goal {
  readonly better: 'higher' | 'lower';
  readonly gate: number | null;
  readonly stretch: number | null;
}

/** `reported`: there is no gate. `not-measured`: not part of this kind of run. */
export type Verdict = 'met' | 'stretch' | 'missed' | 'inconclusive' | 'reported' | 'not-measured';

/** A limit counts as met only where the bad end of the interval meets it. */
export function verdictOf({ better, gate, stretch }: Goal, { lo, hi }: Interval): Verdict {
  const meets = (limit: number): boolean => (better === 'higher' ? lo >= limit : hi <= limit);
  if (gate === null) return 'reported';
  if (!meets(gate)) return 'missed';
  return stretch !== null && meets(stretch) ? 'stretch' : 'met';
}

/** A miss is a fact that more quiet would not undo; then what could not be decided; else all is well. */
export function exitCodeOf(verdicts: readonly Verdict[]): 0 | 1 | 4 {
  if (verdicts.includes('missed')) return 1;
  return verdicts.includes('inconclusive') ? 4 : 0;
}
