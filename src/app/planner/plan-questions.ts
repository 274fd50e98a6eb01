// Questions that are answered from their own numbers alone: no device, no store, no running application.
export { advise } from '../../core/planner/advisor.ts';
export { planBatch } from '../../core/planner/batch-plan.ts';
