import type { Box } from '../../shared/domain/detection.ts';

/**
 * Where a box is and how it moves: a Kalman filter with constant speed over centre, aspect (width / height) and height,
 * the eight numbers that SORT's successors keep (Bewley et al. 2016, Wojke et al. 2017, Zhang et al. 2022). Their noise
 * is given per frame of a 30 fps video; here it grows with time, so that one filter serves any rate and any gap. With
 * diagonal noise the eight numbers fall into four filters of two, which is exact and costs a fifth.
 */
export interface BoxMotion {
  readonly x: Axis;
  readonly y: Axis;
  readonly aspect: Axis;
  readonly height: Axis;
}

/** One number, its change a second, and the covariance of both. */
export interface Axis {
  readonly at: number;
  readonly rate: number;
  readonly atVar: number;
  readonly bothVar: number;
  readonly rateVar: number;
}

/** Standard deviations as shares of the box's height: of a measured side, of the first speed (per second). */
const measuredShare = 0.05;
const firstRateShare = 1.5;
/** What a second adds: to the place by itself, and to the speed (per second). */
const driftShare = 0.15;
const rateDriftShare = 1;
/** Of the aspect, which has no pixels. */
const measuredAspect = 0.1;
const firstAspectRate = 0.05;
const aspectDrift = 0.05;
const leastHeight = 1;

export function startMotion(box: Box): BoxMotion {
  const { x, y, aspect, height } = measured(box);
  const axis = (at: number, atStd: number, rateStd: number): Axis => ({
    at,
    rate: 0,
    atVar: atStd * atStd,
    bothVar: 0,
    rateVar: rateStd * rateStd,
  });
  const placed = (at: number): Axis => axis(at, measuredShare * height, firstRateShare * height);
  return { x: placed(x), y: placed(y), height: placed(height), aspect: axis(aspect, measuredAspect, firstAspectRate) };
}

/** `seconds` later. `isSeen` false: the object was lost, so its size is taken to stay (a lost box must not grow away). */
export function moveOn(motion: BoxMotion, seconds: number, isSeen: boolean): BoxMotion {
  if (seconds <= 0) return motion;
  const height = Math.max(leastHeight, motion.height.at);
  const drift = driftShare * height;
  const rateDrift = rateDriftShare * height;
  const tall = isSeen ? motion.height : { ...motion.height, rate: 0 };
  return {
    x: passed(motion.x, seconds, drift, rateDrift),
    y: passed(motion.y, seconds, drift, rateDrift),
    height: passed(tall, seconds, drift, rateDrift),
    aspect: passed(motion.aspect, seconds, aspectDrift, 0),
  };
}

/** The same place, at rest. */
export function halted({ x, y, aspect, height }: BoxMotion): BoxMotion {
  const still = (axis: Axis): Axis => (axis.rate === 0 ? axis : { ...axis, rate: 0 });
  return { x: still(x), y: still(y), aspect: still(aspect), height: still(height) };
}

/** The box was seen here. */
export function correct(motion: BoxMotion, box: Box): BoxMotion {
  const seen = measured(box);
  const noise = (measuredShare * Math.max(leastHeight, motion.height.at)) ** 2;
  return {
    x: corrected(motion.x, seen.x, noise),
    y: corrected(motion.y, seen.y, noise),
    height: corrected(motion.height, seen.height, noise),
    aspect: corrected(motion.aspect, seen.aspect, measuredAspect ** 2),
  };
}

export function boxOf({ x, y, aspect, height }: BoxMotion): Box {
  const tall = Math.max(leastHeight, height.at);
  const wide = Math.max(leastHeight, aspect.at * tall);
  return [x.at - wide / 2, y.at - tall / 2, wide, tall];
}

function measured([left, top, width, height]: Box): { x: number; y: number; aspect: number; height: number } {
  return { x: left + width / 2, y: top + height / 2, aspect: width / Math.max(leastHeight, height), height };
}

/** Noise of the place adds up with time, that of the speed as white acceleration does. */
function passed(axis: Axis, seconds: number, drift: number, rateDrift: number): Axis {
  const { at, rate, atVar, bothVar, rateVar } = axis;
  const added = rateDrift * rateDrift * seconds;
  return {
    at: at + rate * seconds,
    rate,
    atVar:
      atVar +
      2 * seconds * bothVar +
      seconds * seconds * rateVar +
      (added * seconds * seconds) / 3 +
      drift * drift * seconds,
    bothVar: bothVar + seconds * rateVar + (added * seconds) / 2,
    rateVar: rateVar + added,
  };
}

function corrected({ at, rate, atVar, bothVar, rateVar }: Axis, seen: number, noise: number): Axis {
  const gain = atVar / (atVar + noise);
  const rateGain = bothVar / (atVar + noise);
  const surprise = seen - at;
  return {
    at: at + gain * surprise,
    rate: rate + rateGain * surprise,
    atVar: (1 - gain) * atVar,
    bothVar: (1 - gain) * bothVar,
    rateVar: rateVar - rateGain * bothVar,
  };
}
