import type { BatchQuestion } from '../../shared/domain/plan.ts';

/** What is known of a device in three numbers. */
export type CallCurve = Pick<BatchQuestion, 'singleMs' | 'overheadMs' | 'linearTo'>;

/**
 * Duration of one call in ms. Up to `linearTo` pictures run side by side, so that a call takes what one picture takes and
 * throughput grows in step with the batch; beyond it they take turns, and nothing is gained.
 */
export function callMs({ singleMs, overheadMs, linearTo }: CallCurve, batch: number): number {
  return (singleMs + overheadMs) * Math.max(1, batch / linearTo);
}
