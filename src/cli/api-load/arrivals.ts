export type Arrivals = 'steady' | 'poisson';

/**
 * When each picture is sent, in ms from the start: `rate` a second for `seconds`, evenly or as a Poisson process (gaps
 * drawn from an exponential distribution). `random` is uniform over [0, 1).
 */
export function arrivalTimes(
  rate: number,
  seconds: number,
  arrivals: Arrivals,
  random: () => number,
): readonly number[] {
  const times: number[] = [];
  const gapMs = 1000 / rate;
  const next = (): number => (arrivals === 'steady' ? gapMs : -Math.log(1 - random()) * gapMs);
  for (let atMs = arrivals === 'steady' ? 0 : next(); atMs < seconds * 1000; atMs += next()) times.push(atMs);
  return times;
}
