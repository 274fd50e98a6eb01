import { explainDecision, type DecisionReason } from '../../core/scheduler/decision.ts';
import type { KeptRun } from './run-ring.ts';

/** The decision behind a run that was kept, in an operator's words. */
export function explainRun({ lane, batch, predictedMs, reason }: KeptRun): string {
  // It was a reason when it was kept, and the ring gives back what it was given.
  return explainDecision({ kind: 'run', lane, batch, predictedMs, reason: reason as DecisionReason });
}
