import { expect, test } from 'vitest';
import type { HourProfile } from '../../shared/domain/camera-health.ts';
import { drawnFigures, drawnHour } from '../testing/drawn-figures.ts';
import { driftOf } from './health-drift.ts';
import { byHourOfDay, merged, normalOf, ProfileSum } from './health-profile.ts';

const hourMs = 3_600_000;
const hourOf = (epochMs: number): number => Math.floor(epochMs / hourMs) % 24;
const hours = (from: number, count: number, of: (hour: number) => Partial<HourProfile> = () => ({})) =>
  Array.from({ length: count }, (_, at) => drawnHour((from + at) * hourMs, of((from + at) % 24)));
const isDay = (hour: number): boolean => hour >= 6 && hour < 20;
const bins = (bin: number, count: number): number[] => Array.from({ length: 16 }, (_, at) => (at === bin ? count : 0));
const lit = (hour: number): Partial<HourProfile> => ({ brightnessBins: bins(isDay(hour) ? 9 : 1, 3600) });

function drift(accepted: readonly HourProfile[], now: readonly HourProfile[]): readonly string[] {
  return driftOf(byHourOfDay(accepted, hourOf), byHourOfDay(now, hourOf), now.length).map(({ figure }) => figure);
}

test('the same days and nights are no drift, nor is a stretch that is mostly night', () => {
  const week = hours(0, 168, lit);
  expect(drift(week, hours(168, 168, lit))).toEqual([]);
  const nights = hours(168, 168, lit).filter((profile) => !isDay(hourOf(profile.hourMs)));
  expect(drift(week, nights)).toEqual([]);
});

test('a lamp that failed, a model that is less sure, and other objects are told one by one, with their index', () => {
  const week = hours(0, 168, lit);
  expect(
    drift(
      week,
      hours(168, 168, () => ({ brightnessBins: bins(1, 3600) })),
    ),
  ).toEqual(['brightness']);
  const unsure = [0, 0, 0, 0, 0, 0, 0, 0, 30, 30, 30, 20, 0, 0, 0, 0, 0, 0, 0, 0];
  const mixed = hours(168, 30, (hour) => ({ ...lit(hour), scoreBins: unsure, labels: { person: 20, car: 90 } }));
  expect(drift(week, mixed)).toEqual(['scores', 'classes']);
  const found = driftOf(byHourOfDay(week, hourOf), byHourOfDay(mixed, hourOf), 30);
  // 80 of 110 against 20 of 110, and the other way round.
  expect(found[1]?.psi).toBeCloseTo((60 / 110) * Math.log(4) + (60 / 110) * Math.log(3), 6);
});

test('nothing is said of less than a day, of a few sightings, or of hours that nobody accepted', () => {
  const week = hours(0, 168, lit);
  const changed = (): Partial<HourProfile> => ({ brightnessBins: bins(15, 3600) });
  expect(drift(week, hours(168, 23, changed))).toEqual([]);
  expect(drift(week, hours(168, 24, changed))).toEqual(['brightness']);
  const few = hours(168, 30, (hour) => ({ ...lit(hour), labels: { dog: 3 }, scoreBins: [3] }));
  expect(drift(week, few)).toEqual([]);
  const byDay = week.filter((profile) => isDay(hourOf(profile.hourMs)));
  const atNight = hours(168, 168, changed).filter((profile) => !isDay(hourOf(profile.hourMs)));
  expect(drift(byDay, atNight)).toEqual([]);
});

test('an hour adds up to means and counts, and hours to one that weighs them by their pictures', () => {
  const sum = new ProfileSum(7 * hourMs);
  expect(sum.profile).toBeNull();
  sum.picture(drawnFigures({ brightness: 10, sharpness: null, layout: Uint8Array.of(10, 0) }), 1);
  sum.picture(drawnFigures({ brightness: 250, sharpness: 0.9, layout: Uint8Array.of(20, 3) }), 0.5);
  sum.sighting('person', 0.93);
  sum.sighting('person', 1);
  sum.sighting('car', 0.41);
  const profile = sum.profile;
  expect(profile).toMatchObject({
    hourMs: 7 * hourMs,
    samples: 2,
    brightness: 130,
    sharpness: 0.9,
    layoutFit: 0.75,
    layout: Uint8Array.of(15, 2),
    labels: { person: 2, car: 1 },
  });
  expect(profile?.brightnessBins).toEqual([1, ...new Array<number>(14).fill(0), 1]);
  expect(profile?.scoreBins.map((count, bin) => (count > 0 ? bin : null)).filter((bin) => bin !== null)).toEqual([
    8, 18, 19,
  ]);
  const both = merged([
    drawnHour(0, {
      samples: 100,
      brightness: 100,
      sharpness: null,
      labels: { person: 1 },
      layout: Uint8Array.of(0, 8),
    }),
    drawnHour(hourMs, {
      samples: 300,
      brightness: 200,
      sharpness: 0.5,
      labels: { person: 2, dog: 1 },
      layout: Uint8Array.of(8, 8),
    }),
  ]);
  expect(both).toMatchObject({
    samples: 400,
    brightness: 175,
    sharpness: 0.5,
    labels: { person: 3, dog: 1 },
    layout: Uint8Array.of(6, 8),
  });
  expect(merged([])).toBeNull();
  expect(normalOf(drawnHour(0, { samples: 119 }))).toBeNull();
  expect(normalOf(drawnHour(0, { samples: 120 }))).toMatchObject({ spread: 160, layoutFit: 0.93 });
});
