/** A share of nothing would make the index infinite; half a thousandth is less than a bin that is worth a word. */
const leastShare = 0.0005;

/**
 * Population stability index of two histograms over the same bins: the sum over bins of (now − then) · ln(now / then) of
 * their shares, which is the symmetric Kullback–Leibler (Jeffreys) divergence. Below 0.1 nothing has changed, from 0.25 on
 * the population is another one: N. Siddiqi, Credit Risk Scorecards (Wiley 2006), after E. M. Lewis, An Introduction to
 * Credit Scoring (1992). Null: one of them is empty.
 */
export function populationStability(then: readonly number[], now: readonly number[]): number | null {
  const bins = Math.max(then.length, now.length);
  const totalThen = then.reduce((sum, count) => sum + count, 0);
  const totalNow = now.reduce((sum, count) => sum + count, 0);
  if (totalThen <= 0 || totalNow <= 0) return null;
  let index = 0;
  for (let bin = 0; bin < bins; bin++) {
    const shareThen = Math.max(leastShare, (then[bin] ?? 0) / totalThen);
    const shareNow = Math.max(leastShare, (now[bin] ?? 0) / totalNow);
    index += (shareNow - shareThen) * Math.log(shareNow / shareThen);
  }
  return index;
}
