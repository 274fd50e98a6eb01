import { explainDecision, type DecisionReason } from '../../core/scheduler/decision.ts';
import { workShape } from '../../core/scheduler/work-shape.ts';
import type { KeptRun } from './run-ring.ts';

/** No words depend on it. */
const noShape = workShape('', { width: 0, height: 0 }, { score: 0, iou: 0, classes: null });

/** The decision behind a run that was kept, in an operator's words. */
export function explainRun({ seq, reason, ...run }: KeptRun): string {
  return explainDecision({
    ...run,
    kind: 'run',
    batchId: seq,
    shape: noShape,
    jobId: null,
    tickets: [],
    drops: [],
    // It was one when it was kept, and the ring gives back what it was given.
    reason: reason as DecisionReason,
  });
}
