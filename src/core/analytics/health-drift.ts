import {
  driftFigures,
  type CameraDrift,
  type DriftFigure,
  type HourProfile,
} from '../../shared/domain/camera-health.ts';
import { added } from './health-profile.ts';
import { populationStability } from './population-stability.ts';

/** From here on it is another population: see `populationStability`. */
const driftPsi = 0.25;
/** Fewer hours say more of the weather than of the camera. */
const fewestHours = 24;
/**
 * With n and m counts in B bins chance alone makes an index of about (B − 1) · (1/n + 1/m) (B. Yurdakul, J. Naranjo,
 * Statistical properties of the population stability index, Journal of Risk Model Validation 14(4), 2020): with so many in
 * each and 20 bins that is 0.1.
 */
const fewestCounts = 400;

/**
 * Which figures of the newest hours are distributed otherwise than in the accepted week. Hours are held against the same
 * hours of the day, as many of each, so that a camera that is on at night only, or for half of a day so far, is not
 * compared with days.
 * @param accepted and `now`: by hour of the day.
 */
export function driftOf(
  accepted: readonly (HourProfile | null)[],
  now: readonly (HourProfile | null)[],
  hours: number,
): CameraDrift['changed'] {
  if (hours < fewestHours) return [];
  return driftFigures.flatMap((figure) => {
    const psi = indexOf(accepted, now, countsOf(figure, [...accepted, ...now]));
    return psi !== null && psi > driftPsi ? [{ figure, psi }] : [];
  });
}

type Counts = (profile: HourProfile) => readonly number[];

function countsOf(figure: DriftFigure, profiles: readonly (HourProfile | null)[]): Counts {
  switch (figure) {
    case 'brightness':
      return ({ brightnessBins }) => brightnessBins;
    case 'scores':
      return ({ scoreBins }) => scoreBins;
    case 'classes': {
      const labels = [...new Set(profiles.flatMap((profile) => Object.keys(profile?.labels ?? {})))].sort();
      return (profile) => labels.map((label) => profile.labels[label] ?? 0);
    }
  }
}

/** Null: there is not enough to tell. */
function indexOf(
  accepted: readonly (HourProfile | null)[],
  now: readonly (HourProfile | null)[],
  counts: Counts,
): number | null {
  const then: (readonly number[])[] = [];
  const since: (readonly number[])[] = [];
  let countedThen = 0;
  for (const [hour, seen] of now.entries()) {
    const known = accepted[hour] ?? null;
    if (known === null || seen === null) continue;
    const countsThen = counts(known);
    const countsNow = counts(seen);
    const totalThen = total(countsThen);
    const totalNow = total(countsNow);
    if (totalThen === 0 || totalNow === 0) continue;
    countedThen += totalThen;
    then.push(countsThen.map((count) => (count * totalNow) / totalThen));
    since.push(countsNow);
  }
  const histogram = added(since);
  if (countedThen < fewestCounts || total(histogram) < fewestCounts) return null;
  return populationStability(added(then), histogram);
}

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);
