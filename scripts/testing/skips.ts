import type { Skip } from './counts.ts';

/**
 * Names every skipped test with its reason, and says whether the run may pass with them: a skip without a reason may
 * not, and with NIGHTSHIFT_REQUIRE_ALL=1 (CI) none may.
 */
export function acceptSkips(skips: readonly Skip[]): boolean {
  for (const { name, reason } of skips) console.log(`skipped: ${name}: ${reason ?? 'NO REASON GIVEN'}`);
  const wrong = process.env.NIGHTSHIFT_REQUIRE_ALL === '1' ? skips : skips.filter(({ reason }) => reason === undefined);
  if (wrong.length === 0) return true;
  console.log(
    `${wrong.length} of these skips fail the run: each needs a reason, and NIGHTSHIFT_REQUIRE_ALL allows none.`,
  );
  return false;
}
