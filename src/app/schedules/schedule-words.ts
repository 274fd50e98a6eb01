import { momentText } from '../../shared/domain/schedule-words.ts';
import { hourMs, minuteMs } from '../../shared/local-time.ts';

/** What is kept with a run in words, and told in notices and as a job's reason. */
export const scheduleWords = {
  tooLate: 'Nightshift was not running or the machine slept, and this schedule leaves out what was missed.',
  overtaken: 'Nightshift was not running, the machine slept or its hours did not allow it; a later run took its place.',
  late: (lateMs: number): string =>
    `It began ${lengthText(lateMs)} late: Nightshift was not running or the machine slept.`,
  stillRuns: 'The scan of an earlier run had not ended.',
  startedElsewhere: 'The same scan was running already, started by hand or by another schedule.',
  held: (name: string, untilMs: number, timeZone: string): string =>
    `Paused for the hours of the schedule ${name}. It goes on ${momentText(untilMs, timeZone)}.`,
  missed: (name: string, dueMs: number, timeZone: string, why: string): string =>
    `${name}: the run of ${momentText(dueMs, timeZone)} was missed. ${why}`,
  unreadable: (name: string, why: string): string =>
    `${name} does not run: ${why}. Update Nightshift, or make it anew.`,
  failed: (name: string, why: string): string => `${name} could not be started: ${why}`,
};

function lengthText(ms: number): string {
  const minutes = Math.round(ms / minuteMs);
  if (ms < hourMs) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}
