import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addCounts, countPlaywright, countVitest, describeCounts, playwrightSkips } from './counts.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nightshift-counts-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function report(content: unknown): Promise<string> {
  const file = join(folder, 'report.json');
  await writeFile(file, JSON.stringify(content));
  return file;
}

it('counts a test file that does not load as a failure', async () => {
  const file = await report({
    numPassedTests: 5,
    numFailedTests: 1,
    numPendingTests: 2,
    numTodoTests: 1,
    testResults: [
      { status: 'failed', assertionResults: [] },
      { status: 'failed', assertionResults: [{}] },
      { status: 'passed', assertionResults: [{}] },
    ],
  });
  expect(await countVitest(file)).toEqual({ passed: 5, failed: 2, skipped: 3 });
});

it('counts a flaky journey and an error outside every test as failures', async () => {
  const file = await report({ stats: { expected: 7, unexpected: 1, flaky: 1, skipped: 4 }, errors: [{}] });
  expect(await countPlaywright(file)).toEqual({ passed: 7, failed: 3, skipped: 4 });
});

it('counts a tool that left no report as a failure', async () => {
  const missing = join(folder, 'missing.json');
  expect(await countVitest(missing)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  expect(await countPlaywright(missing)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

it('says the sum in one line', () => {
  const sum = addCounts({ passed: 1, failed: 2, skipped: 3 }, { passed: 10, failed: 20, skipped: 30 });
  expect(describeCounts(sum)).toBe('11 passed, 22 failed, 33 skipped');
});

it('finds the reason of a skipped journey in any depth', async () => {
  const test = (status: string, annotations: unknown[]) => ({ projectName: 'electron', status, annotations });
  const file = await report({
    suites: [
      {
        specs: [{ title: 'runs', tests: [test('expected', [])] }],
        suites: [
          {
            specs: [
              { title: 'waits', tests: [test('skipped', [{ type: 'skip', description: 'there is no display' }])] },
            ],
          },
          { specs: [{ title: 'hides', tests: [test('skipped', [{ type: 'skip' }])] }] },
        ],
      },
    ],
  });
  expect(await playwrightSkips(file)).toEqual([
    { name: '[electron] waits', reason: 'there is no display' },
    { name: '[electron] hides', reason: undefined },
  ]);
});
