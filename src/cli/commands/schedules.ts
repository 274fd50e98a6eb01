import { jobName } from '../../app/jobs/job-summary.ts';
import { hoursText, missedText, momentText, runText, whenText } from '../../shared/domain/schedule-words.ts';
import {
  scheduleSettingsSchema,
  type MissedPolicy,
  type ScheduleRun,
  type ScheduleSettings,
  type ScheduleView,
} from '../../shared/domain/schedule.ts';
import { NightshiftError } from '../../shared/errors.ts';
import { isTimeZone, localIso, ownTimeZone } from '../../shared/local-time.ts';
import { exitCode, type ExitCode } from '../exit-code.ts';
import { readEvery, readMoment, readWindow } from '../schedule-arguments.ts';
import { call, type Session } from '../session.ts';
import type { Terminal } from '../terminal.ts';
import { followStarted, scanToItsEnd, specOf, type ScanOptions } from './scan.ts';

/** As they are typed. What is left out of a change stays as it is. */
export interface WhenOptions {
  readonly at?: string;
  readonly every?: string;
  readonly cron?: string;
  readonly zone?: string;
  /** One `none` takes them away. */
  readonly hours?: readonly string[];
  readonly quiet?: readonly string[];
  readonly missed?: MissedPolicy;
}

export async function listSchedules(session: Session, terminal: Terminal): Promise<ExitCode> {
  const schedules = await call(session, 'schedules.list', undefined);
  terminal.result({ schedules: schedules.map(toldSchedule) }, () =>
    schedules.length === 0
      ? ['No schedules yet: `nightshift schedules add FOLDER --every "mon-fri 22:00"` makes one.']
      : schedules.flatMap(scheduleLines),
  );
  return exitCode.done;
}

export async function addSchedule(
  session: Session,
  terminal: Terminal,
  paths: readonly string[],
  options: ScanOptions & WhenOptions,
): Promise<ExitCode> {
  const timeZone = options.zone ?? ownTimeZone();
  const { name, ...job } = await specOf(paths, options);
  const settings = settingsOf({
    name: name ?? jobName([...(job.paths ?? []), ...(job.lists ?? [])]),
    job,
    timeZone,
    ...changeOf(options, timeZone),
  });
  const schedule = await call(session, 'schedules.create', settings);
  terminal.result({ schedule: toldSchedule(schedule) }, () => scheduleLines(schedule));
  if (session.owned) terminal.say(needsToRun);
  return exitCode.done;
}

/** @param wanted its id or name */
export async function changeSchedule(
  session: Session,
  terminal: Terminal,
  wanted: string,
  options: WhenOptions & { readonly name?: string; readonly enable?: boolean; readonly disable?: boolean },
): Promise<ExitCode> {
  const { id, settings } = await find(session, wanted);
  const { name, enable, disable } = options;
  const change = {
    ...(name === undefined ? {} : { name }),
    ...(enable === true ? { enabled: true } : disable === true ? { enabled: false } : {}),
    ...changeOf(options, options.zone ?? settings.timeZone),
  };
  settingsOf({ ...settings, ...change });
  const schedule = await call(session, 'schedules.update', { id, settings: change });
  terminal.result({ schedule: toldSchedule(schedule) }, () => scheduleLines(schedule));
  return exitCode.done;
}

/** @param wanted ids or names */
export async function removeSchedules(
  session: Session,
  terminal: Terminal,
  wanted: readonly string[],
): Promise<ExitCode> {
  const schedules: ScheduleView[] = [];
  for (const text of wanted) schedules.push(await find(session, text));
  for (const { id } of schedules) await call(session, 'schedules.remove', { id });
  terminal.result({ removed: schedules.map(({ id }) => id) }, () =>
    schedules.map(({ id, settings }) => `${id}: ${settings.name} removed; its scans stay.`),
  );
  return exitCode.done;
}

/** Follows the scan to its end. */
export async function runSchedule(session: Session, terminal: Terminal, wanted: string): Promise<ExitCode> {
  const { id } = await find(session, wanted);
  const follow = await followStarted(session, terminal, () => call(session, 'schedules.runNow', { id }));
  return scanToItsEnd(session, terminal, follow);
}

export async function scheduleHistory(session: Session, terminal: Terminal, wanted: string): Promise<ExitCode> {
  const { id, settings } = await find(session, wanted);
  const { timeZone } = settings;
  const runs = await call(session, 'schedules.history', { id, limit: 200 });
  terminal.result({ id, runs: runs.map((run) => toldRun(run, timeZone)) }, () =>
    runs.length === 0
      ? [`${settings.name} was not due yet.`]
      : runs.map((run) => `${momentText(run.dueMs, timeZone)}: ${runText(run)}`),
  );
  return exitCode.done;
}

const needsToRun = 'It starts only while Nightshift runs: keep the application open, or `nightshift serve`.';

function changeOf(options: WhenOptions, timeZone: string): Partial<ScheduleSettings> {
  const { at, every, cron, zone, hours, quiet, missed } = options;
  if (!isTimeZone(timeZone)) {
    throw new NightshiftError({
      kind: 'bad-input',
      message: 'There is no such time zone.',
      where: timeZone,
      hint: 'One is written like Europe/Berlin.',
    });
  }
  if ([at, every, cron].filter((one) => one !== undefined).length > 1) {
    throw new NightshiftError({ kind: 'bad-input', message: 'Only one of --at, --every and --cron can be given.' });
  }
  const windows = (option: string, texts: readonly string[]): ScheduleSettings['mayRun'] =>
    texts.length === 1 && texts[0] === 'none' ? [] : texts.map((text) => readWindow(option, text));
  return {
    ...(at === undefined ? {} : { when: { kind: 'once' as const, atMs: readMoment(at, timeZone) } }),
    ...(every === undefined ? {} : { when: readEvery(every) }),
    ...(cron === undefined ? {} : { when: { kind: 'cron' as const, pattern: cron } }),
    ...(zone === undefined ? {} : { timeZone: zone }),
    ...(hours === undefined ? {} : { mayRun: windows('--hours', hours) }),
    ...(quiet === undefined ? {} : { quiet: windows('--quiet', quiet) }),
    ...(missed === undefined ? {} : { missed }),
  };
}

/** What is wrong with it is told by the option's name. */
function settingsOf(settings: unknown): ScheduleSettings {
  const parsed = scheduleSettingsSchema.safeParse(settings);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const [field] = issue?.path ?? [];
  throw new NightshiftError({
    kind: 'bad-input',
    message:
      field === 'when' && issue?.code === 'invalid_union'
        ? 'When it starts is missing.'
        : `${issue?.path.join('.') ?? 'schedule'}: ${issue?.message ?? 'not understood'}.`,
    hint: 'Give --at, --every or --cron: see `nightshift schedules add --help`.',
  });
}

async function find(session: Session, wanted: string): Promise<ScheduleView> {
  const schedules = await call(session, 'schedules.list', undefined);
  const named = schedules.filter(({ settings }) => settings.name === wanted);
  const found = schedules.find(({ id }) => id === wanted) ?? (named.length === 1 ? named[0] : undefined);
  if (found !== undefined) return found;
  throw new NightshiftError({
    kind: 'not-found',
    message: 'There is no such schedule, or several have this name.',
    where: wanted,
    hint: 'See `nightshift schedules`, and give its id.',
  });
}

function scheduleLines({ id, settings, next, lastRun, running }: ScheduleView): string[] {
  const { name, when, timeZone, enabled, missed } = settings;
  const hours = hoursText(settings);
  const nextText = next === null ? (enabled ? 'will not run again' : 'switched off') : nextWords(next, timeZone);
  const held = running?.heldUntilMs == null ? '' : `, paused until ${momentText(running.heldUntilMs, timeZone)}`;
  return [
    `${id}: ${name}: ${whenText(when, timeZone)} (${timeZone}); ${nextText}`,
    ...(hours === null ? [] : [`  ${hours}`]),
    ...(running === null ? [] : [`  its scan ${running.jobId} has not ended${held}`]),
    ...(lastRun === null ? [] : [`  last: ${momentText(lastRun.dueMs, timeZone)}: ${runText(lastRun)}`]),
    `  ${missedText[missed]}`,
  ];
}

function nextWords({ dueMs, startMs }: NonNullable<ScheduleView['next']>, timeZone: string): string {
  const start = `next: ${momentText(startMs, timeZone)}`;
  return startMs === dueMs ? start : `${start}, when its hours begin (due ${momentText(dueMs, timeZone)})`;
}

/** For programs: every time carries its UTC offset. */
function toldSchedule({ id, createdAtMs, settings, next, lastRun, running }: ScheduleView): object {
  const { timeZone } = settings;
  const iso = (ms: number): string => localIso(ms, timeZone);
  return {
    id,
    created: iso(createdAtMs),
    settings,
    when: whenText(settings.when, timeZone),
    next: next === null ? null : { due: iso(next.dueMs), start: iso(next.startMs) },
    lastRun: lastRun === null ? null : toldRun(lastRun, timeZone),
    running:
      running === null
        ? null
        : { jobId: running.jobId, heldUntil: running.heldUntilMs === null ? null : iso(running.heldUntilMs) },
  };
}

function toldRun(run: ScheduleRun, timeZone: string): object {
  const { dueMs, atMs, endedAtMs, heldUntilMs, scheduleId: _id, ...rest } = run;
  const iso = (ms: number | null): string | null => (ms === null ? null : localIso(ms, timeZone));
  return { due: iso(dueMs), at: iso(atMs), ended: iso(endedAtMs), heldUntil: iso(heldUntilMs), ...rest };
}
