import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { JobSpecInput } from '../../shared/domain/job.ts';
import type { LaneName } from '../../shared/domain/lanes.ts';
import { AppBench } from '../testing/app-bench.ts';

const frames = 330;
/** Something moves in every seventh frame, and for a while in all of them. */
const moves = (frame: number): boolean => frame % 7 === 0 || (frame >= 120 && frame < 160);
const run = Array.from({ length: frames }, (_, frame) => frame).filter((frame) => moves(frame) || frame % 50 === 0);

const benches: AppBench[] = [];
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.end();
});

function open(): AppBench {
  // No batch is faster than single pictures, so that results are committed a few at a time.
  const runMs = (_lane: LaneName, batch: number): number => 60 * batch;
  const bench = new AppBench({ frames: () => frames, unchanged: ({ frame }) => !moves(frame), runMs });
  benches.push(bench);
  bench.file('yard.mp4');
  return bench;
}

const create = async (bench: AppBench, change: Partial<JobSpecInput> = {}): Promise<string> => {
  const spec = bench.spec({ name: 'Yard', motionGate: true, ...change });
  return (await bench.passing(bench.app.handlers['jobs.create'](spec))).id;
};

/** The JSON report, without the folder that is another one in each test. */
async function report(bench: AppBench, jobId: string): Promise<string> {
  const file = join(bench.folder, `report-${jobId}.json`);
  const scope = { jobId, cameraId: null, sinceMs: null, untilMs: null };
  await bench.passing(bench.app.handlers['reports.export']({ scope, format: 'json', file }));
  return readFileSync(file, 'utf8').replaceAll(bench.folder, '');
}

test('frames in which nothing changed are not run, have the boxes of the one before, and the report says so', async () => {
  const bench = open();
  await bench.start();
  const id = await create(bench);
  const job = await bench.jobIs(id, 'done');
  expect(job).toMatchObject({ frames, framesThisRun: frames, inheritedThisRun: frames - run.length });
  expect(bench.engines.runs.flatMap((made) => made.frames.map(({ frame }) => frame)).sort((a, b) => a - b)).toEqual(
    run,
  );
  const rows = await bench.rows(id);
  expect(rows).toHaveLength(frames);
  for (const { frame, box, inherited } of rows) {
    const shown = run.findLast((one) => one <= frame) ?? -1;
    expect(box, String(frame)).toEqual(rows[shown]?.box);
    expect(inherited).toBe(shown !== frame);
  }
  const { coverage, totals } = JSON.parse(await report(bench, id)) as Record<'coverage' | 'totals', unknown>;
  expect(coverage).toEqual([
    {
      source: '/footage/yard.mp4',
      kind: 'video',
      frames,
      inherited: frames - run.length,
      ranges: [[0, frames]],
      state: 'done',
    },
  ]);
  expect(totals).toMatchObject({ frames, detections: frames });
  // Without the gate it is another scan of the same video.
  const all = await create(bench, { motionGate: false });
  expect(all).not.toBe(id);
  expect(await bench.jobIs(all, 'done')).toMatchObject({ framesThisRun: frames, inheritedThisRun: 0 });
});

test('killed at any moment and resumed, the report is the same to the byte', async () => {
  const undisturbed = open();
  await undisturbed.start();
  const expected = await report(undisturbed, (await undisturbed.jobIs(await create(undisturbed), 'done')).id);
  await undisturbed.end();
  benches.length = 0;
  const bench = open();
  await bench.start();
  const id = await create(bench);
  for (const committed of [1, 40, 110, 130, 180, 270]) {
    await bench.until(() => (bench.job(id)?.frames ?? 0) >= committed);
    await bench.killed();
    await bench.start();
  }
  const job = await bench.jobIs(id, 'done');
  expect(job).toMatchObject({ frames, resumed: { framesTwice: 0 } });
  expect(await report(bench, id)).toBe(expected);
});
