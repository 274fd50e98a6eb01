import { explainDecision, type DecisionReason } from '../../core/scheduler/decision.ts';
import type { KeptRun } from './run-ring.ts';

/** Why the device ran without anybody's frames: no decision of the scheduler. */
export type WarmUpReason = { readonly is: 'warming' | 'measuring'; readonly runs: number };

/** Why a run that was kept was made, in an operator's words. */
export function explainRun({ lane, batch, predictedMs, reason: kept }: KeptRun): string {
  // It was one of these when it was kept, and the ring gives back what it was given.
  const reason = kept as DecisionReason | WarmUpReason;
  switch (reason.is) {
    case 'warming': {
      const runs = reason.runs === 1 ? '1 run' : `${String(reason.runs)} runs`;
      return `warming ${lane} batches of ${String(batch)}, ${runs}: no lane uses a size before`;
    }
    case 'measuring':
      return `measuring ${lane} batches of ${String(batch)} for the calibration`;
    default:
      return explainDecision({ kind: 'run', lane, batch, predictedMs, reason });
  }
}
