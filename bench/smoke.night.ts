import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { figures } from './figures.ts';
import type { BenchReport } from './report/bench-report.ts';

test('every cell runs: the benchmark goes through all of them once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nightshift-bench-night-'));
  try {
    const json = join(folder, 'bench.json');
    const bench = fileURLToPath(new URL('index.ts', import.meta.url));
    // Its figures mean nothing, so neither does its exit code; failures of cells are told by name.
    await promisify(execFile)(process.execPath, [bench, '--smoke', '--json', json]).catch((error: unknown) => {
      if (![1, 4].includes((error as { code: number }).code)) throw error as Error;
    });
    const report = JSON.parse(await readFile(json, 'utf8')) as BenchReport;
    expect(report.noise.failures).toEqual([]);
    expect(Object.keys(report.results)).toEqual(figures.map(({ name }) => name));
    expect(Object.values(report.results).map(({ verdict }) => verdict)).not.toContain('inconclusive');
    expect(report.frontier).toHaveLength(10);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
