import {
  scheduleSettingsSchema,
  workingDays,
  type ScheduleRules,
  type ScheduleSettings,
  type ScheduleWhen,
  type WeekWindow,
} from '../../shared/domain/schedule.ts';
import { failed, ok, type Result } from '../../shared/errors.ts';
import { dayMs, dayOf, firstMomentOf, hourMs, isTimeZone, wallClockMs } from '../../shared/local-time.ts';
import { words } from '../strings/words.ts';

/** When a scan runs, as it stands in the fields of a form: what another kind needs is kept while one tries them. */
export interface ScheduleDraft {
  readonly kind: ScheduleWhen['kind'];
  readonly days: readonly number[];
  /** `22:00` */
  readonly time: string;
  /** `2026-11-24T22:00`, on a wall clock in the time zone. */
  readonly moment: string;
  readonly pattern: string;
  readonly timeZone: string;
  readonly mayRun: readonly WeekWindow[];
  readonly quiet: readonly WeekWindow[];
  readonly missed: ScheduleSettings['missed'];
}

const localMoment = (wallMs: number): string => new Date(wallMs).toISOString().slice(0, 16);

/** Working days at 22:00, or the next 22:00. */
export function newDraft(nowMs: number, timeZone: string): ScheduleDraft {
  const wallMs = wallClockMs(nowMs, timeZone);
  const tonight = dayOf(wallMs) + 22 * hourMs;
  return {
    kind: 'weekly',
    days: workingDays,
    time: '22:00',
    moment: localMoment(tonight > wallMs ? tonight : tonight + dayMs),
    pattern: '0 22 * * 1-5',
    timeZone,
    mayRun: [],
    quiet: [],
    missed: 'run-once',
  };
}

export function draftOf(settings: ScheduleSettings, nowMs: number): ScheduleDraft {
  const { when, timeZone, mayRun, quiet, missed } = settings;
  const draft = { ...newDraft(nowMs, timeZone), kind: when.kind, mayRun, quiet, missed };
  switch (when.kind) {
    case 'once':
      return { ...draft, moment: localMoment(wallClockMs(when.atMs, timeZone)) };
    case 'weekly':
      return { ...draft, days: when.days, time: when.time };
    case 'cron':
      return { ...draft, pattern: when.pattern };
  }
}

const rulesSchema = scheduleSettingsSchema.pick({
  when: true,
  timeZone: true,
  mayRun: true,
  quiet: true,
  missed: true,
});

/** What is wrong with it is told in words. */
export function rulesOf(draft: ScheduleDraft): Result<ScheduleRules> {
  const { timeZone, mayRun, quiet, missed } = draft;
  const when = whenOf(draft);
  if (when === null) return failed({ kind: 'bad-input', message: words.schedules.noMoment });
  const parsed = rulesSchema.safeParse({ when, timeZone, mayRun, quiet, missed });
  if (parsed.success) return ok(parsed.data);
  const message = parsed.error.issues[0]?.message ?? '';
  return failed({ kind: 'bad-input', message: `${message.slice(0, 1).toUpperCase()}${message.slice(1)}.` });
}

function whenOf({ kind, days, time, moment, pattern, timeZone }: ScheduleDraft): object | null {
  switch (kind) {
    case 'once': {
      const wallMs = Date.parse(`${moment}Z`);
      if (Number.isNaN(wallMs)) return null;
      // Without its time zone it is no moment, and the zone is what is told then.
      return { kind, atMs: isTimeZone(timeZone) ? firstMomentOf(wallMs, timeZone) : wallMs };
    }
    case 'weekly':
      return { kind, days, time };
    case 'cron':
      return { kind, pattern };
  }
}
