import { quantile } from './quantile.ts';

export interface Interval {
  readonly lo: number;
  readonly hi: number;
}

const resamples = 2_000;

/**
 * 95 % percentile interval of `statistic` over rounds: rounds are drawn anew with replacement, so that what happened
 * within one round stays together (Efron 1979). With five rounds this is nearly their whole range, and is meant to be.
 */
export function bootstrapInterval<Round>(
  rounds: readonly Round[],
  statistic: (sample: readonly Round[]) => number,
  random: () => number,
): Interval {
  const drawn = Array.from({ length: resamples }, () =>
    statistic(rounds.map(() => rounds[Math.floor(random() * rounds.length)] as Round)),
  );
  return { lo: quantile(drawn, 0.025), hi: quantile(drawn, 0.975) };
}
