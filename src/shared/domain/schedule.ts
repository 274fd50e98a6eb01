import { z } from 'zod';
import { isTimeZone, minuteMs } from '../local-time.ts';
import { jobSpecSchema } from './job.ts';

/** The year 9999: later moments have no usual form. */
const lastMs = 253_402_300_799_000;

/** ISO 8601: 1 is Monday, 7 is Sunday. */
export const allWeekdays: readonly number[] = [1, 2, 3, 4, 5, 6, 7];
export const workingDays: readonly number[] = [1, 2, 3, 4, 5];

const weekdaysSchema = z
  .array(z.int().min(1).max(7))
  .min(1, 'at least one day of the week is needed')
  .refine((days) => new Set(days).size === days.length, 'a day is named twice');

const timeOfDaySchema = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day is written like 22:00');

/** `22:00` in ms since midnight on the wall. */
export function timeOfDayMs(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return (hours * 60 + minutes) * minuteMs;
}

export const scheduleWhenSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('once'), atMs: z.int().min(0).max(lastMs) }),
  z.strictObject({ kind: z.literal('weekly'), days: weekdaysSchema, time: timeOfDaySchema }),
  z.strictObject({
    kind: z.literal('cron'),
    /** Minute, hour, day of the month, month, day of the week. */
    pattern: z
      .string()
      .trim()
      .max(200)
      .refine((pattern) => pattern.split(/\s+/).length === 5, 'a cron pattern has five fields, like 30 22 * * 1-5'),
  }),
]);
export type ScheduleWhen = z.infer<typeof scheduleWhenSchema>;

/** From one time of day to another on these days. One that ends at or before its beginning goes on into the day after. */
export const weekWindowSchema = z.strictObject({ days: weekdaysSchema, from: timeOfDaySchema, to: timeOfDaySchema });
export type WeekWindow = z.infer<typeof weekWindowSchema>;

/** What becomes of a run whose time passed while Nightshift did not run or the machine slept. */
export const missedPolicies = ['run-once', 'skip'] as const;
export type MissedPolicy = (typeof missedPolicies)[number];

export const scheduleSettingsSchema = z.strictObject({
  name: z.string().trim().min(1).max(80),
  /** What is started. The same scan is the same job: each run looks for what is new or has changed. */
  job: jobSpecSchema,
  when: scheduleWhenSchema,
  /** Whose clock is meant by every time of day here. */
  timeZone: z
    .string()
    .min(1)
    .max(60)
    .refine(isTimeZone, 'there is no such time zone; one is written like Europe/Berlin'),
  /** A scan that this schedule started runs in these hours only, and is paused outside of them. None: at any time. */
  mayRun: z.array(weekWindowSchema).max(14).default([]),
  /** It never runs in these. */
  quiet: z.array(weekWindowSchema).max(14).default([]),
  missed: z.enum(missedPolicies).default('run-once'),
  enabled: z.boolean().default(true),
});
export type ScheduleSettings = z.infer<typeof scheduleSettingsSchema>;
export type ScheduleSettingsInput = z.input<typeof scheduleSettingsSchema>;

/** What decides when a schedule's scans run. */
export type ScheduleRules = Pick<ScheduleSettings, 'when' | 'timeZone' | 'mayRun' | 'quiet' | 'missed'>;

export const runOutcomes = ['starting', 'started', 'missed', 'skipped', 'failed'] as const;
/** `starting`: its scan is about to be asked for, or was when everything ended. `failed`: the scan could not be started. */
export type RunOutcome = (typeof runOutcomes)[number];

/** `replaced`: a later run went on with its scan. */
export const runEnds = ['done', 'failed', 'cancelled', 'replaced'] as const;
export type RunEnd = (typeof runEnds)[number];

/** A time at which a schedule was due, and what became of it. */
export interface ScheduleRun {
  readonly scheduleId: string;
  /** When it was due; of a run by hand: when it was asked for. */
  readonly dueMs: number;
  /** When that was decided. */
  readonly atMs: number;
  readonly byHand: boolean;
  readonly outcome: RunOutcome;
  /** In words, where it did not simply start on time. */
  readonly why: string | null;
  /** So many times were due, up to this one, that came to the same; `atLeast`: or more. */
  readonly count: number;
  readonly atLeast: boolean;
  readonly jobId: string | null;
  /** Its scan does not run before then: it is outside of its hours (or was, and somebody let it run). */
  readonly heldUntilMs: number | null;
  readonly endedAtMs: number | null;
  readonly end: RunEnd | null;
}

/** The next time a schedule is due. `startMs`: when its scan may then start. */
export interface NextRun {
  readonly dueMs: number;
  readonly startMs: number;
}

export interface ScheduleView {
  readonly id: string;
  readonly createdAtMs: number;
  readonly settings: ScheduleSettings;
  /** Null: it is switched off, or will not be due any more. */
  readonly next: NextRun | null;
  readonly lastRun: ScheduleRun | null;
  /** The scan that it started and that has not ended; `heldUntilMs`: it is paused until then, for its hours. */
  readonly running: { readonly jobId: string; readonly heldUntilMs: number | null } | null;
}
