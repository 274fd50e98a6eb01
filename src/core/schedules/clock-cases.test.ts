import { expect, test } from 'vitest';
import { allWeekdays, workingDays, type ScheduleRules, type ScheduleWhen } from '../../shared/domain/schedule.ts';
import { localIso } from '../../shared/local-time.ts';
import { decideRun, nextRun } from './decide-run.ts';
import { decideHold } from './hold.ts';

/**
 * Nights as a schedule lives through them: the clock runs, stands still while the machine sleeps, and is set. Times are the
 * local ones, with their offset.
 */
const longestWaitMs = 20 * 60_000;

type Step = { readonly awake: string } | { readonly asleep: string } | { readonly clockSetTo: string };
const awake = (until: string): Step => ({ awake: until });
const asleep = (until: string): Step => ({ asleep: until });
const clockSetTo = (moment: string): Step => ({ clockSetTo: moment });

interface Night {
  readonly rules?: Partial<ScheduleRules>;
  readonly from: string;
  readonly steps: readonly Step[];
  /** When its scans started. */
  readonly started: readonly string[];
  /** How many times were missed, by reason. */
  readonly missed?: Readonly<Record<string, number>>;
}

/** As the service does it: it looks when something is to be done, every so often, and after a sleep. */
function liveThrough(rules: ScheduleRules, from: string, steps: readonly Step[]) {
  let nowMs = Date.parse(from);
  let consideredMs = nowMs;
  const known = new Set<number>();
  const started: string[] = [];
  const missed: Record<string, number> = {};
  const look = (): void => {
    const decision = decideRun(rules, consideredMs, nowMs);
    consideredMs = decision.consideredMs;
    if (decision.missed !== null) {
      missed[decision.missed.why] = (missed[decision.missed.why] ?? 0) + decision.missed.count;
    }
    if (decision.run === null || known.has(decision.run.dueMs)) return;
    known.add(decision.run.dueMs);
    started.push(localIso(nowMs, rules.timeZone));
  };
  look();
  for (const step of steps) {
    if ('awake' in step) {
      const untilMs = Date.parse(step.awake);
      while (nowMs < untilMs) {
        const nextMs = nextRun(rules, consideredMs, nowMs)?.startMs ?? Infinity;
        nowMs = Math.min(untilMs, nowMs + longestWaitMs, Math.max(nextMs, nowMs + 250));
        look();
      }
    } else {
      nowMs = Date.parse('asleep' in step ? step.asleep : step.clockSetTo);
      look();
    }
  }
  return { started, missed };
}

const weekly = (time: string, days: readonly number[] = allWeekdays): ScheduleWhen => ({
  kind: 'weekly',
  days: [...days],
  time,
});
const cron = (pattern: string): ScheduleWhen => ({ kind: 'cron', pattern });
const once = (moment: string): ScheduleWhen => ({ kind: 'once', atMs: Date.parse(moment) });
const usual: ScheduleRules = {
  when: weekly('22:00'),
  timeZone: 'Europe/Berlin',
  mayRun: [],
  quiet: [],
  missed: 'run-once',
};
const everyDay = (from: string, to: string) => ({ days: [...allWeekdays], from, to });

const nights: Readonly<Record<string, Night>> = {
  'a usual night': {
    from: '2026-11-24T12:00:00+01:00',
    steps: [awake('2026-11-25T12:00:00+01:00')],
    started: ['2026-11-24T22:00:00+01:00'],
  },
  'a week of working days': {
    rules: { when: weekly('22:00', workingDays) },
    from: '2026-11-26T12:00:00+01:00', // a Thursday
    steps: [awake('2026-12-01T12:00:00+01:00')],
    started: ['2026-11-26T22:00:00+01:00', '2026-11-27T22:00:00+01:00', '2026-11-30T22:00:00+01:00'],
  },
  'in another time zone than the machine’s': {
    rules: { timeZone: 'Asia/Kolkata' },
    from: '2026-11-24T12:00:00+05:30',
    steps: [awake('2026-11-25T12:00:00+05:30')],
    started: ['2026-11-24T22:00:00+05:30'],
  },
  'a schedule made at the very minute is due the next time': {
    from: '2026-11-24T22:00:00+01:00',
    steps: [awake('2026-11-25T23:00:00+01:00')],
    started: ['2026-11-25T22:00:00+01:00'],
  },
  // The night of 23 hours: 02:00 to 03:00 is left out.
  'a night of 23 hours, before the clock is set': {
    rules: { when: weekly('01:59') },
    from: '2026-03-28T12:00:00+01:00',
    steps: [awake('2026-03-30T01:00:00+02:00')],
    started: ['2026-03-29T01:59:00+01:00'],
  },
  'a night of 23 hours, at 02:30': {
    rules: { when: weekly('02:30') },
    from: '2026-03-28T12:00:00+01:00',
    steps: [awake('2026-03-30T01:00:00+02:00')],
    started: ['2026-03-29T03:00:00+02:00'],
  },
  'a night of 23 hours, and the one after it': {
    rules: { when: weekly('02:30') },
    from: '2026-03-28T01:00:00+01:00',
    steps: [awake('2026-03-30T12:00:00+02:00')],
    started: ['2026-03-28T02:30:00+01:00', '2026-03-29T03:00:00+02:00', '2026-03-30T02:30:00+02:00'],
  },
  'a night of 23 hours, by cron at 02:30': {
    rules: { when: cron('30 2 * * *') },
    from: '2026-03-28T12:00:00+01:00',
    steps: [awake('2026-03-30T01:00:00+02:00')],
    started: ['2026-03-29T03:00:00+02:00'],
  },
  'a night of 23 hours, twice in the hour that is left out is once': {
    rules: { when: cron('15,45 2 * * *') },
    from: '2026-03-28T12:00:00+01:00',
    steps: [awake('2026-03-30T01:00:00+02:00')],
    started: ['2026-03-29T03:00:00+02:00'],
  },
  'a night of 23 hours, every half hour': {
    rules: { when: cron('*/30 * * * *') },
    from: '2026-03-29T01:10:00+01:00',
    steps: [awake('2026-03-29T04:10:00+02:00')],
    started: [
      '2026-03-29T01:30:00+01:00',
      '2026-03-29T03:00:00+02:00',
      '2026-03-29T03:30:00+02:00',
      '2026-03-29T04:00:00+02:00',
    ],
  },
  'a night of 23 hours, slept through': {
    rules: { when: weekly('02:30') },
    from: '2026-03-28T12:00:00+01:00',
    steps: [asleep('2026-03-29T08:00:00+02:00'), awake('2026-03-29T12:00:00+02:00')],
    started: ['2026-03-29T08:00:00+02:00'],
  },
  'a night of 23 hours in New York': {
    rules: { when: weekly('02:30'), timeZone: 'America/New_York' },
    from: '2026-03-07T12:00:00-05:00',
    steps: [awake('2026-03-09T01:00:00-04:00')],
    started: ['2026-03-08T03:00:00-04:00'],
  },
  // The night of 25 hours: 02:00 to 03:00 comes twice.
  'a night of 25 hours, at 02:30': {
    rules: { when: weekly('02:30') },
    from: '2026-10-24T12:00:00+02:00',
    steps: [awake('2026-10-26T01:00:00+01:00')],
    started: ['2026-10-25T02:30:00+02:00'],
  },
  'a night of 25 hours, and the one after it': {
    rules: { when: weekly('02:30') },
    from: '2026-10-24T01:00:00+02:00',
    steps: [awake('2026-10-26T12:00:00+01:00')],
    started: ['2026-10-24T02:30:00+02:00', '2026-10-25T02:30:00+02:00', '2026-10-26T02:30:00+01:00'],
  },
  'a night of 25 hours, by cron at 02:30': {
    rules: { when: cron('30 2 * * *') },
    from: '2026-10-24T12:00:00+02:00',
    steps: [awake('2026-10-26T01:00:00+01:00')],
    started: ['2026-10-25T02:30:00+02:00'],
  },
  'a night of 25 hours, at 03:00': {
    rules: { when: weekly('03:00') },
    from: '2026-10-24T12:00:00+02:00',
    steps: [awake('2026-10-26T01:00:00+01:00')],
    started: ['2026-10-25T03:00:00+01:00'],
  },
  'a night of 25 hours, every half hour': {
    rules: { when: cron('*/30 * * * *') },
    from: '2026-10-25T01:40:00+02:00',
    steps: [awake('2026-10-25T03:10:00+01:00')],
    started: [
      '2026-10-25T02:00:00+02:00',
      '2026-10-25T02:30:00+02:00',
      '2026-10-25T02:00:00+01:00',
      '2026-10-25T02:30:00+01:00',
      '2026-10-25T03:00:00+01:00',
    ],
  },
  'a night of 25 hours, made between the two': {
    rules: { when: weekly('02:30') },
    from: '2026-10-25T02:40:00+02:00',
    steps: [awake('2026-10-26T12:00:00+01:00')],
    started: ['2026-10-26T02:30:00+01:00'],
  },
  'a night of 25 hours, asleep until between the two': {
    rules: { when: weekly('02:30') },
    from: '2026-10-24T12:00:00+02:00',
    steps: [asleep('2026-10-25T02:10:00+01:00'), awake('2026-10-25T12:00:00+01:00')],
    started: ['2026-10-25T02:10:00+01:00'],
  },
  'a night of 25 hours in New York': {
    rules: { when: weekly('01:30'), timeZone: 'America/New_York' },
    from: '2026-10-31T12:00:00-04:00',
    steps: [awake('2026-11-02T01:00:00-05:00')],
    started: ['2026-11-01T01:30:00-04:00'],
  },
  // Clocks that are set otherwise.
  'a clock set by half an hour, forwards': {
    rules: { when: weekly('02:15'), timeZone: 'Australia/Lord_Howe' },
    from: '2026-10-03T12:00:00+10:30',
    steps: [awake('2026-10-05T01:00:00+11:00')],
    started: ['2026-10-04T02:30:00+11:00'],
  },
  'a clock set by half an hour, back': {
    rules: { when: weekly('01:45'), timeZone: 'Australia/Lord_Howe' },
    from: '2026-04-04T12:00:00+11:00',
    steps: [awake('2026-04-06T01:00:00+10:30')],
    started: ['2026-04-05T01:45:00+11:00'],
  },
  'a day without a midnight': {
    rules: { when: weekly('00:00'), timeZone: 'America/Santiago' },
    from: '2026-09-05T12:00:00-04:00',
    steps: [awake('2026-09-06T12:00:00-03:00')],
    started: ['2026-09-06T01:00:00-03:00'],
  },
  'a last hour of a day that comes twice': {
    rules: { when: weekly('23:30'), timeZone: 'America/Santiago' },
    from: '2026-04-04T12:00:00-03:00',
    steps: [awake('2026-04-05T12:00:00-04:00')],
    started: ['2026-04-04T23:30:00-03:00'],
  },
  // Sleep and absence.
  'asleep at the time, awake two hours later': {
    from: '2026-11-24T12:00:00+01:00',
    steps: [asleep('2026-11-25T00:00:00+01:00'), awake('2026-11-25T12:00:00+01:00')],
    started: ['2026-11-25T00:00:00+01:00'],
  },
  'asleep at the time, and what was missed is left out': {
    rules: { missed: 'skip' },
    from: '2026-11-24T12:00:00+01:00',
    steps: [asleep('2026-11-25T00:00:00+01:00'), awake('2026-11-25T23:00:00+01:00')],
    started: ['2026-11-25T22:00:00+01:00'],
    missed: { 'too-late': 1 },
  },
  'awake four minutes after the time is on time': {
    rules: { missed: 'skip' },
    from: '2026-11-24T12:00:00+01:00',
    steps: [asleep('2026-11-24T22:04:00+01:00')],
    started: ['2026-11-24T22:04:00+01:00'],
  },
  'awake six minutes after it is not': {
    rules: { missed: 'skip' },
    from: '2026-11-24T12:00:00+01:00',
    steps: [asleep('2026-11-24T22:06:00+01:00')],
    started: [],
    missed: { 'too-late': 1 },
  },
  'a week asleep is made up for once': {
    from: '2026-11-20T12:00:00+01:00',
    steps: [asleep('2026-11-27T12:00:00+01:00'), awake('2026-11-27T23:00:00+01:00')],
    started: ['2026-11-27T12:00:00+01:00', '2026-11-27T22:00:00+01:00'],
    missed: { overtaken: 6 },
  },
  'a week asleep is left out': {
    rules: { missed: 'skip' },
    from: '2026-11-20T12:00:00+01:00',
    steps: [asleep('2026-11-27T12:00:00+01:00'), awake('2026-11-27T23:00:00+01:00')],
    started: ['2026-11-27T22:00:00+01:00'],
    missed: { 'too-late': 7 },
  },
  'a month asleep of a pattern for every minute': {
    rules: { when: cron('* * * * *') },
    from: '2026-10-01T00:00:30+02:00',
    steps: [asleep('2026-11-01T00:00:30+01:00')],
    started: ['2026-11-01T00:00:30+01:00'],
    missed: { overtaken: 1_000 },
  },
  // The clock is set by somebody.
  'the clock is put back an hour after the run': {
    from: '2026-11-24T12:00:00+01:00',
    steps: [
      awake('2026-11-24T22:30:00+01:00'),
      clockSetTo('2026-11-24T21:30:00+01:00'),
      awake('2026-11-25T12:00:00+01:00'),
    ],
    started: ['2026-11-24T22:00:00+01:00'],
  },
  'the clock is put back before the time': {
    from: '2026-11-24T12:00:00+01:00',
    steps: [
      awake('2026-11-24T21:59:00+01:00'),
      clockSetTo('2026-11-24T20:59:00+01:00'),
      awake('2026-11-25T12:00:00+01:00'),
    ],
    started: ['2026-11-24T22:00:00+01:00'],
  },
  'the clock is put back a second at the very time': {
    from: '2026-11-24T12:00:00+01:00',
    steps: [
      awake('2026-11-24T22:00:00+01:00'),
      clockSetTo('2026-11-24T21:59:59+01:00'),
      awake('2026-11-25T12:00:00+01:00'),
    ],
    started: ['2026-11-24T22:00:00+01:00'],
  },
  'the clock was years ahead, and is right again': {
    from: '2026-11-24T12:00:00+01:00',
    steps: [
      clockSetTo('2031-01-01T12:00:00+01:00'),
      clockSetTo('2026-11-24T12:01:00+01:00'),
      awake('2026-11-25T12:00:00+01:00'),
    ],
    started: ['2031-01-01T12:00:00+01:00', '2026-11-24T22:00:00+01:00'],
    missed: { overtaken: 1_000 },
  },
  'the clock is put on over the time': {
    from: '2026-11-24T12:00:00+01:00',
    steps: [
      awake('2026-11-24T21:00:00+01:00'),
      clockSetTo('2026-11-24T23:00:00+01:00'),
      awake('2026-11-25T12:00:00+01:00'),
    ],
    started: ['2026-11-24T23:00:00+01:00'],
  },
  // Once.
  'once at a moment': {
    rules: { when: once('2026-11-24T22:00:00+01:00') },
    from: '2026-11-24T12:00:00+01:00',
    steps: [awake('2026-11-27T12:00:00+01:00')],
    started: ['2026-11-24T22:00:00+01:00'],
  },
  'once in the second of two equal hours': {
    rules: { when: once('2026-10-25T02:30:00+01:00') },
    from: '2026-10-24T12:00:00+02:00',
    steps: [awake('2026-10-25T12:00:00+01:00')],
    started: ['2026-10-25T02:30:00+01:00'],
  },
  'once, slept through': {
    rules: { when: once('2026-11-24T22:00:00+01:00') },
    from: '2026-11-24T12:00:00+01:00',
    steps: [asleep('2026-11-26T12:00:00+01:00'), awake('2026-11-28T12:00:00+01:00')],
    started: ['2026-11-26T12:00:00+01:00'],
  },
  // Hours in which it may run.
  'due outside of its hours it starts when they begin': {
    rules: { when: weekly('18:00'), mayRun: [everyDay('22:00', '06:00')] },
    from: '2026-11-24T12:00:00+01:00',
    steps: [awake('2026-11-25T12:00:00+01:00')],
    started: ['2026-11-24T22:00:00+01:00'],
  },
  'due in quiet hours it starts when they end': {
    rules: { when: weekly('07:00'), quiet: [everyDay('06:00', '20:00')] },
    from: '2026-11-24T05:00:00+01:00',
    steps: [awake('2026-11-25T05:00:00+01:00')],
    started: ['2026-11-24T20:00:00+01:00'],
  },
  'missed, and awake outside of its hours': {
    rules: { mayRun: [everyDay('22:00', '06:00')] },
    from: '2026-11-24T12:00:00+01:00',
    steps: [asleep('2026-11-25T09:00:00+01:00'), awake('2026-11-25T23:00:00+01:00')],
    started: ['2026-11-25T22:00:00+01:00'],
    missed: { overtaken: 1 },
  },
  'missed, and awake within its hours': {
    rules: { mayRun: [everyDay('22:00', '06:00')] },
    from: '2026-11-24T12:00:00+01:00',
    steps: [asleep('2026-11-25T04:00:00+01:00'), awake('2026-11-25T12:00:00+01:00')],
    started: ['2026-11-25T04:00:00+01:00'],
  },
  'due every hour, it starts once when its hours begin': {
    rules: { when: cron('0 * * * *'), mayRun: [everyDay('22:00', '00:00')] },
    from: '2026-11-24T12:30:00+01:00',
    steps: [awake('2026-11-25T12:00:00+01:00')],
    started: ['2026-11-24T22:00:00+01:00', '2026-11-24T23:00:00+01:00'],
    missed: { overtaken: 9 },
  },
  'on the 29th of February only': {
    rules: { when: cron('0 3 29 2 *') },
    from: '2027-01-01T00:00:00+01:00',
    steps: [asleep('2028-02-28T12:00:00+01:00'), awake('2028-03-01T12:00:00+01:00')],
    started: ['2028-02-29T03:00:00+01:00'],
  },
};

test.each(Object.entries(nights))('%s', (_name, { rules, from, steps, started, missed = {} }) => {
  expect(liveThrough({ ...usual, ...rules }, from, steps)).toEqual({ started, missed });
});

test('a run at 02:30 comes 365 times a year, in every zone', () => {
  const years = Object.entries({
    'Europe/Berlin': '2026-01-01T00:00:00+01:00',
    'America/New_York': '2026-01-01T00:00:00-05:00',
    'Australia/Lord_Howe': '2026-01-01T00:00:00+11:00',
  });
  for (const [timeZone, from] of years) {
    const end = new Date(Date.parse(from) + 365 * 86_400_000).toISOString();
    for (const when of [weekly('02:30'), cron('30 2 * * *')]) {
      const rules = { ...usual, when, timeZone };
      let consideredMs = Date.parse(from);
      let count = 0;
      for (;;) {
        const next = nextRun(rules, consideredMs, consideredMs);
        if (next === null || next.startMs > Date.parse(end)) break;
        count += 1;
        consideredMs = next.startMs;
      }
      expect(count, `${timeZone} ${when.kind}`).toBe(365);
    }
  }
});

test('a scan is held once for each stretch outside of its hours, and goes on when they begin', () => {
  const hours = { mayRun: [everyDay('22:00', '06:00')], quiet: [], timeZone: 'Europe/Berlin' };
  const at = (iso: string): number => Date.parse(iso);
  const tonight = at('2026-11-25T22:00:00+01:00');
  expect(decideHold(hours, null, at('2026-11-25T05:59:00+01:00'))).toEqual({ do: 'nothing' });
  expect(decideHold(hours, null, at('2026-11-25T06:00:00+01:00'))).toEqual({ do: 'hold', untilMs: tonight });
  // Also where somebody let it run meanwhile.
  expect(decideHold(hours, tonight, at('2026-11-25T15:00:00+01:00'))).toEqual({ do: 'nothing' });
  expect(decideHold(hours, tonight, tonight)).toEqual({ do: 'go-on' });
  // The night was slept through.
  const nextNight = at('2026-11-26T22:00:00+01:00');
  expect(decideHold(hours, tonight, at('2026-11-26T09:00:00+01:00'))).toEqual({ do: 'hold', untilMs: nextNight });
});
