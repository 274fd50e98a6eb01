import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { JobSpecInput } from '../../shared/domain/job.ts';
import { AppBench } from '../testing/app-bench.ts';
import { jobIdOf } from './job-id.ts';

let bench: AppBench;
afterEach(() => bench.end());

const create = async (change: Partial<JobSpecInput>): Promise<string> =>
  (await bench.passing(bench.app.handlers['jobs.create'](bench.spec(change)))).id;

async function report(jobId: string, format: 'json' | 'html'): Promise<string> {
  const file = join(bench.folder, `report-${jobId}.${format}`);
  const scope = { jobId, cameraId: null, sinceMs: null, untilMs: null };
  await bench.passing(bench.app.handlers['reports.export']({ scope, format, file }));
  return readFileSync(file, 'utf8');
}

test('how frames are chosen makes another scan of its own, reaches the engine, and stands in the report', async () => {
  bench = new AppBench({ frames: (path) => (path.endsWith('.mp4') ? 6 : 1) });
  bench.file('yard.mp4');
  bench.file('still.jpg');
  await bench.start();
  const span = { fromMs: 600_000, toMs: 1_200_000 };
  const ways = [{}, { sampling: 'keyframes' as const }, { sampling: { every: 3 } }, { span }];
  const ids: string[] = [];
  for (const [index, way] of ways.entries()) {
    const id = await create(way);
    const job = await bench.jobIs(id, 'done');
    // The picture is the same in all of them, and looked at once.
    expect(job.framesThisRun, JSON.stringify(way)).toBe(index === 0 ? 7 : 6);
    expect(await bench.rows(id)).toHaveLength(7);
    ids.push(id);
  }
  expect(new Set(ids).size).toBe(ways.length);
  const fed = bench.engines.latest().received.flatMap((message) => (message.type === 'feed-item' ? [message] : []));
  const { length } = fed.filter(({ kind }) => kind === 'picture');
  expect(length).toBe(1);
  expect(
    fed.flatMap(({ kind, sampling, span: part }) => (kind === 'video' ? [[sampling ?? null, part ?? null]] : [])),
  ).toEqual([
    [null, null],
    ['keyframes', null],
    [{ every: 3 }, null],
    [null, span],
  ]);
  const { coverage } = JSON.parse(await report(ids[3] ?? '', 'json')) as {
    coverage: { source: string; span?: unknown }[];
  };
  expect(coverage.map((row) => row.span)).toEqual([undefined, span]);
  expect(await report(ids[3] ?? '', 'html')).toContain('0 – 5 (from 0:10:00 to 0:20:00)');
  expect(await report(ids[0] ?? '', 'html')).not.toContain('(from ');
});

test('a scan without any of it is the one that it was before there was any', () => {
  bench = new AppBench();
  const plain = bench.spec({ paths: ['/night'] });
  expect(jobIdOf(plain)).toBe(jobIdOf(bench.spec({ paths: ['/night'], sampling: null, span: null, include: [] })));
  expect(jobIdOf(plain)).toBe('job-8d3addd0a245');
  expect(jobIdOf(bench.spec({ paths: ['/night'], fps: 1 }))).not.toBe(jobIdOf(plain));
  // By counting, the rate does not matter.
  const every = { paths: ['/night'], sampling: { every: 2 } };
  expect(jobIdOf(bench.spec({ ...every, fps: 1 }))).toBe(jobIdOf(bench.spec(every)));
});
