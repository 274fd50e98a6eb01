import type { ScheduleRun } from '../../../../shared/domain/schedule.ts';

/** The colour of what became of a run; `plain`: that of one that went well. */
export function runTone({ outcome, end }: ScheduleRun, plain: string): string {
  if (outcome === 'failed' || end === 'failed') return 'text-alert';
  return outcome === 'missed' || outcome === 'skipped' ? 'text-motion' : plain;
}
