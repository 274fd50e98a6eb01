import type { PlannedP95 } from '../../shared/domain/plan.ts';

/**
 * p95 from arrival to answer, in ms, of a server that takes up to `batch` waiting pictures into a call of `runMs`, never
 * waits for company, and is busy for the share `utilisation` of what it could carry.
 *
 * Steady (even distances): a picture waits for the call that runs and is in the next one, so two calls at most.
 * Bursty (groups of 1 to `batch` pictures, every size as likely, at random moments): the wait for the call that runs is
 * stretched by 1 / (1 - utilisation), as the wait of every such queue is in heavy traffic (Kingman's formula). At the
 * 95th percentile the stretched wait is close to one whole call for this kind of group. Without batches the groups are
 * single pictures and the queue is an M/D/1: there the tail of the wait falls as 0.8 utilisation exp(-2 (1 - utilisation)
 * t / runMs). Both are within 15 % of the simulated queue from 0.3 to 0.8 of utilisation and batches of 1 to 32
 * (`batch-plan.test.ts`).
 */
export function plannedP95(batch: number, runMs: number, utilisation: number): PlannedP95 {
  if (utilisation >= 1) return { steady: null, bursty: null };
  const calls = batch > 1 ? 1 : Math.max(0, Math.log((0.8 * utilisation) / tailShare) / 2);
  return { steady: 2 * runMs, bursty: runMs + (calls * runMs) / (1 - utilisation) };
}

/** Beyond the 95th percentile. */
const tailShare = 0.05;

/** Pictures that may wait so that the last of them is still answered within the promise: whole calls, its own left out. */
export function queueCapOf(runMs: number, batch: number, promiseMs: number): number {
  return Math.max(0, Math.floor((promiseMs - runMs) / runMs)) * batch;
}
