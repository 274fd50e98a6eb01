import type { Reporter, TestModule, Vitest } from 'vitest/node';
import { acceptSkips } from './skips.ts';

/** Vitest's part of the rule on skips. A test skips with `context.skip(condition, reason)`. */
export default class SkipReporter implements Reporter {
  #someOnly = false;

  onInit(vitest: Vitest): void {
    // With `-t WORDS` the other tests count as skipped, but nobody skipped them.
    this.#someOnly = vitest.config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    if (this.#someOnly) return;
    const skips = modules
      .flatMap((module) => [...module.children.allTests('skipped')])
      .map((test) => {
        const result = test.result();
        return { name: test.fullName, reason: result.state === 'skipped' ? result.note : undefined };
      });
    if (!acceptSkips(skips)) process.exitCode = 1;
  }
}
