import { daysText, hoursText, missedText, momentText, runText, whenText } from '../../shared/domain/schedule-words.ts';
import type { MissedPolicy, NextRun, ScheduleRun, ScheduleSettings } from '../../shared/domain/schedule.ts';
import * as format from './format.ts';

/** Scans that start by the clock. */
export const schedules = {
  title: 'Schedules',
  list: 'Schedules',
  what: 'The schedules',
  when: (settings: ScheduleSettings): string =>
    `${capital(whenText(settings.when, settings.timeZone))} (${settings.timeZone})`,
  next: ({ dueMs, startMs }: NextRun, timeZone: string, nowMs: number): string =>
    `Next: ${momentText(startMs, timeZone)}, in ${format.duration(startMs - nowMs)}${
      startMs === dueMs ? '' : ', when its hours begin'
    }`,
  nextNone: 'It will not run again.',
  off: 'Switched off: it does not run.',
  hours: (settings: ScheduleSettings): string | null => {
    const text = hoursText(settings);
    return text === null ? null : capital(text);
  },
  runs: (scan: string): string => `Its scan: ${scan}`,
  held: (untilMs: number, timeZone: string): string => `Its scan is paused until ${momentText(untilMs, timeZone)}`,
  last: (run: ScheduleRun, timeZone: string): string => `Last: ${momentText(run.dueMs, timeZone)}, ${runText(run)}`,
  lastNone: 'It has not run yet.',
  dueAt: (run: ScheduleRun, timeZone: string): string => momentText(run.dueMs, timeZone),
  run: (run: ScheduleRun): string => capital(runText(run)),
  enabled: (name: string): string => `${name}: runs by the clock`,
  runNow: 'Run now',
  started: (name: string): string => `${name} is queued`,
  change: 'Change',
  changeNamed: (name: string): string => `Change ${name}`,
  remove: 'Remove',
  removeNamed: (name: string): string => `Remove ${name}`,
  removing: (name: string): string => `${name} is being removed; its scans stay`,
  removingIn: (ms: number): string => `Removed in ${format.duration(ms)}; its scans stay`,
  history: (name: string): string => `History of ${name}`,
  historyWhat: 'The history',
  historyNone: 'It was not due yet.',
  created: (name: string, next: NextRun | null, timeZone: string): string =>
    next === null ? `${name} is kept` : `${name} is kept. Next: ${momentText(next.startMs, timeZone)}`,
  needsToRun: 'It starts only while Nightshift runs; what is missed is dealt with as chosen above.',

  kind: 'Start',
  kinds: {
    now: 'Now',
    weekly: 'On days of the week',
    once: 'Once, at a moment',
    cron: 'By a cron pattern',
  },
  days: 'Days',
  dayNames: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'],
  time: 'At',
  moment: 'At',
  pattern: 'Cron pattern',
  patternHint: 'Minute, hour, day of the month, month, day of the week. 30 22 * * 1-5: working days at 22:30.',
  timeZone: 'Time zone',
  timeZoneHint: 'Whose clock is meant. When clocks are set, a time that is left out or comes twice counts once.',
  mayRun: 'Runs in these hours only',
  mayRunNone: 'No limit: it runs whenever its time has come, until it is done.',
  mayRunHint: 'At their end it is paused, and at their next beginning it goes on.',
  quiet: 'Quiet hours',
  quietNone: 'None.',
  quietHint: 'It never runs in these.',
  addHours: 'Add hours',
  removeHours: (days: readonly number[], from: string, to: string): string =>
    `Remove ${daysText(days)} ${from} to ${to}`,
  from: 'From',
  to: 'To',
  overMidnight: 'to the day after',
  missed: 'If Nightshift did not run or the machine slept',
  missedNames: { 'run-once': 'Make up for it, once', skip: 'Leave it out' } satisfies Record<MissedPolicy, string>,
  missedTexts: missedText,
  noMoment: 'Choose a day and a time.',

  save: 'Keep the schedule',
  name: 'Name',
  dialogTitle: (name: string): string => `Schedule: ${name}`,
  whatIsScanned: (paths: readonly string[]): string => `Scans ${paths.join(', ')}`,
};

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
