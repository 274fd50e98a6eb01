import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ReportFormat } from '../../shared/domain/report.ts';
import { AppBench } from '../testing/app-bench.ts';

let bench: AppBench;
beforeEach(async () => {
  bench = new AppBench();
  for (const name of ['a', 'b', 'c']) bench.file(`${name}.jpg`);
  await bench.start();
});
afterEach(() => bench.end());

async function scan(list: string): Promise<string> {
  const spec = bench.spec({ paths: [], lists: [bench.file('lists/shelf.csv', list)] });
  return (await bench.passing(bench.app.handlers['jobs.create'](spec))).id;
}

async function report(jobId: string, format: ReportFormat): Promise<string> {
  const file = join(bench.folder, `report.${format}`);
  const scope = { jobId, cameraId: null, sinceMs: null, untilMs: null };
  await bench.passing(bench.app.handlers['reports.export']({ scope, format, file }));
  return readFileSync(file, 'utf8').replaceAll(bench.footage, '');
}

test('files of a list come back with their ids in every format, and bad rows by their lines', async () => {
  const list = [
    'path,id',
    '../a.jpg,shelf 1',
    '../b.jpg,',
    ',shelf 3',
    '../gone.jpg,shelf 4',
    '../a.jpg,shelf 5',
    '..,x',
  ];
  const id = await scan(list.join('\n'));
  const job = await bench.jobIs(id, 'done');
  expect(job.items).toMatchObject({ total: 3, done: 2, failed: 1 });
  expect(job.failures).toMatchObject([{ path: join(bench.footage, 'gone.jpg'), kind: 'missing' }]);
  expect(job.reason).toMatch(/^Not everything was looked at: shelf\.csv, line 4: it has no path; /);
  expect(job.reason).toContain('shelf.csv, line 7: it is a folder');
  expect(job.reason).toMatch(/shelf\.csv, line 6: \S+a\.jpg is in the scan already, under the id shelf 1/);

  const json = JSON.parse(await report(id, 'json')) as Record<
    'coverage' | 'detections',
    { source: string; id?: string }[]
  >;
  expect(json.coverage.map((row) => [row.source, row.id])).toEqual([
    ['/a.jpg', 'shelf 1'],
    ['/b.jpg', undefined],
    ['/gone.jpg', 'shelf 4'],
  ]);
  expect(json.detections.map((row) => [row.source, row.id])).toEqual([
    ['/a.jpg', 'shelf 1'],
    ['/b.jpg', undefined],
  ]);
  const csv = (await report(id, 'csv')).split('\r\n').map((line) => line.split(',').slice(0, 3).join(','));
  expect(csv).toEqual(['source,id,frame', '/a.jpg,shelf 1,0', '/b.jpg,,0', '']);
  const html = await report(id, 'html');
  expect(html).toContain('<th scope="col">Id</th>');
  expect(html.match(/<td>shelf 1<\/td>/g)).toHaveLength(2);
  expect(html.match(/<td>shelf 4<\/td>/g)).toHaveLength(1);
});

test('another id in the list is another id in the report, and nothing is looked at again', async () => {
  const id = await scan('path,id\n../a.jpg,1\n../c.jpg,2\n');
  await bench.jobIs(id, 'done');
  expect(await scan('path,id\n../a.jpg,one\n../c.jpg,2\n')).toBe(id);
  await bench.until(() => bench.job(id)?.state !== 'done');
  expect(await bench.jobIs(id, 'done')).toMatchObject({ framesThisRun: 0, reason: null });
  expect((await bench.rows(id)).map((row) => row.id)).toEqual(['one', '2']);
});

test('a list that cannot be used says why; what it lists being away as a whole pauses the scan', async () => {
  const bad = await scan('file\na.jpg\n');
  const failed = await bench.jobIs(bad, 'failed');
  expect(failed.reason).toContain('no column "path"');
  expect(failed.reason).toContain('shelf.csv');
  const list = bench.file('lists/away.csv', 'path\n/gone-for-good/a.jpg\n/gone-for-good/b/c.jpg\n');
  const away = await bench.passing(bench.app.handlers['jobs.create'](bench.spec({ paths: [], lists: [list] })));
  expect((await bench.jobIs(away.id, 'paused')).reason).toContain('/gone-for-good');
  expect(() => bench.spec({ paths: [] })).toThrow(/something to scan is needed/);
});
