import type { Reporter, TestModule } from 'vitest/node';

/**
 * Names every skipped test with its reason at the end. A test skips with `context.skip(condition, reason)`; a skip that
 * gives no reason fails the run, and with NIGHTSHIFT_REQUIRE_ALL=1 every skip does.
 */
export default class SkipReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = modules
      .flatMap((module) => [...module.children.allTests('skipped')])
      .map((test) => {
        const result = test.result();
        return { name: test.fullName, reason: result.state === 'skipped' ? result.note : undefined };
      });
    for (const { name, reason } of skipped) console.log(`skipped: ${name}: ${reason ?? 'NO REASON GIVEN'}`);

    const wrong =
      process.env.NIGHTSHIFT_REQUIRE_ALL === '1' ? skipped : skipped.filter(({ reason }) => reason === undefined);
    if (wrong.length === 0) return;
    console.log(
      `${wrong.length} of these skips fail the run: each needs a reason, and NIGHTSHIFT_REQUIRE_ALL allows none.`,
    );
    process.exitCode = 1;
  }
}
