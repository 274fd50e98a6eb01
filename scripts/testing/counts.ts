import { readFile } from 'node:fs/promises';

/** Over one or more test runs. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export function addCounts(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

export function describeCounts({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}

/** From vitest's JSON report. A file that failed before its first test counts as one failure. */
export async function countVitest(file: string): Promise<Counts> {
  const report = (await read(file)) as VitestReport | null;
  if (report === null) return nothingRan;
  const broken = report.testResults.filter((r) => r.status === 'failed' && r.assertionResults.length === 0).length;
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

interface PlaywrightSuite {
  readonly suites?: readonly PlaywrightSuite[];
  readonly specs?: readonly {
    readonly title: string;
    readonly tests: readonly {
      readonly projectName: string;
      readonly status: string;
      readonly annotations: readonly { readonly type: string; readonly description?: string }[];
    }[];
  }[];
}

interface PlaywrightReport extends PlaywrightSuite {
  readonly stats: {
    readonly expected: number;
    readonly unexpected: number;
    readonly flaky: number;
    readonly skipped: number;
  };
  readonly errors: readonly unknown[];
}

/** From playwright's JSON report. An error outside every test (set-up, a file that does not load) is a failure. */
export async function countPlaywright(file: string): Promise<Counts> {
  const report = (await read(file)) as PlaywrightReport | null;
  if (report === null) return nothingRan;
  const { expected, unexpected, flaky, skipped } = report.stats;
  return { passed: expected, failed: unexpected + flaky + report.errors.length, skipped };
}

export interface Skip {
  readonly name: string;
  /** Undefined: the test gave none. */
  readonly reason: string | undefined;
}

/** The tests that playwright's JSON report calls skipped, with what they gave as reason. */
export async function playwrightSkips(file: string): Promise<readonly Skip[]> {
  const report = (await read(file)) as PlaywrightReport | null;
  return report === null ? [] : skipsOf(report);
}

function skipsOf(suite: PlaywrightSuite): Skip[] {
  const own = (suite.specs ?? []).flatMap(({ title, tests }) =>
    tests
      .filter(({ status }) => status === 'skipped')
      .map(({ projectName, annotations }) => ({
        name: `[${projectName}] ${title}`,
        reason: annotations.find(({ type }) => type === 'skip' || type === 'fixme')?.description,
      })),
  );
  return [...own, ...(suite.suites ?? []).flatMap(skipsOf)];
}

/** A tool that left no report has failed as a whole. */
const nothingRan: Counts = { passed: 0, failed: 1, skipped: 0 };

async function read(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return null;
  }
}
