import { expect, test } from 'vitest';
import { scheduleSettingsSchema, type ScheduleSettingsInput } from '../../shared/domain/schedule.ts';
import { draftOf, newDraft, rulesOf, type ScheduleDraft } from './schedule-draft.ts';

const zone = 'Europe/Berlin';
const noonMs = Date.parse('2026-11-24T12:00:00+01:00');
const lateMs = Date.parse('2026-11-24T23:00:00+01:00');

test('a new one is for working days at 22:00, and once is the next 22:00', () => {
  expect(rulesOf(newDraft(noonMs, zone))).toMatchObject({
    ok: true,
    value: { when: { kind: 'weekly', days: [1, 2, 3, 4, 5], time: '22:00' }, timeZone: zone, missed: 'run-once' },
  });
  expect(newDraft(noonMs, zone).moment).toBe('2026-11-24T22:00');
  expect(newDraft(lateMs, zone).moment).toBe('2026-11-25T22:00');
});

test.each<ScheduleSettingsInput['when']>([
  { kind: 'once', atMs: Date.parse('2026-11-24T22:30:00+01:00') },
  { kind: 'weekly', days: [6, 7], time: '06:30' },
  { kind: 'cron', pattern: '0 3 * * *' },
])('what is kept is in the fields, and comes out of them unchanged: $kind', (when) => {
  const settings = scheduleSettingsSchema.parse({
    name: 'Nightly',
    job: { paths: ['/footage'] },
    when,
    timeZone: zone,
    mayRun: [{ days: [1, 2], from: '22:00', to: '06:00' }],
    missed: 'skip',
  });
  const { mayRun, quiet, missed } = settings;
  const rules = { when: settings.when, timeZone: zone, mayRun, quiet, missed };
  expect(rulesOf(draftOf(settings, noonMs))).toEqual({ ok: true, value: rules });
});

test('a moment is on the clock of the time zone', () => {
  const draft = { ...newDraft(noonMs, 'Asia/Kolkata'), kind: 'once', moment: '2026-11-24T22:00' } as const;
  expect(rulesOf(draft)).toMatchObject({ value: { when: { atMs: Date.parse('2026-11-24T22:00:00+05:30') } } });
});

test.each<[Partial<ScheduleDraft>, RegExp]>([
  [{ days: [] }, /At least one day/],
  [{ time: '' }, /written like 22:00/],
  [{ kind: 'once', moment: '' }, /Choose a day and a time/],
  [{ kind: 'cron', pattern: '0 22' }, /five fields/],
  [{ timeZone: 'Berlin' }, /no such time zone/],
  [{ mayRun: [{ days: [1], from: '', to: '06:00' }] }, /written like 22:00/],
])('%o is refused in words', (change, message) => {
  const rules = rulesOf({ ...newDraft(noonMs, zone), ...change });
  expect(rules.ok ? '' : rules.error.message).toMatch(message);
});
