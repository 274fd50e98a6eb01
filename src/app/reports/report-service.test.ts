import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ReportScope } from '../../shared/domain/report.ts';
import type { OpenedStore } from '../../store/client.ts';
import { folderForEachTest } from '../../store/testing/each-test.ts';
import { boundJob, camera, content, found, openFolder, recipe, seen } from '../../store/testing/store-fixture.ts';
import { createReportService, type ReportService } from './report-service.ts';

const folder = folderForEachTest();
let store: OpenedStore;
let service: ReportService;
const clock = { monoMs: () => 0, epochMs: () => Date.UTC(2026, 10, 24, 6, 12) };
const everything: ReportScope = { jobId: null, cameraId: null, sinceMs: null, untilMs: null };

beforeEach(async () => {
  store = await openFolder(join(folder.path, 'data'));
  service = createReportService({ store, clock, reportsDir: join(folder.path, 'reports') });
});
afterEach(async () => {
  await store.close();
});

const formulaPath = '=HYPERLINK("http://x")&.mp4';

/** One job: a video with three boxes, a failed picture, a video that is not done. */
async function fill(into: OpenedStore, jobId: string): Promise<void> {
  const { recipeId } = await into.call('recipes.ensure', { ...recipe(), labels: [' @person ', 'car'] });
  const files = [found(formulaPath, 'video'), found('/b<script>.jpg'), found('/c.mp4', 'video')];
  const contents = [content('a', 'video'), content('b'), content('c', 'video')];
  const bound = await boundJob(into, jobId, files, contents, recipeId);
  const [first, second] = bound;
  await into.call('results.commit', {
    commits: [
      {
        sourceId: first!.sourceId,
        recipeId,
        rows: [
          { frame: 0, timeMs: 0, detections: [seen(1, 0.5, [-1.5, 2, 3.456, 4])] },
          { frame: 7, timeMs: 1_400.4, detections: [seen(0, 0.91, [1, 2, 3, 4]), seen(1, 0.7, [9, 9, 9, 9])] },
        ],
        looked: [[0, 10]],
      },
    ],
    items: [
      {
        itemId: first!.item.id,
        cursor: 10,
        ended: { state: 'done', failureKind: null, failureReason: null },
        expectedFrames: 10,
      },
    ],
  });
  await into.call('items.fail', {
    itemId: second!.item.id,
    state: 'failed',
    kind: 'undecodable',
    reason: 'ends & <early>',
  });
}

async function textOf(scope: ReportScope, format: 'csv' | 'json' | 'html', from = service): Promise<string> {
  let text = '';
  const writable = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk.toString();
      done();
    },
  });
  const { bytes } = await from.writeTo(scope, format, writable);
  expect(writable.writableEnded).toBe(false);
  expect(bytes).toBe(Buffer.byteLength(text));
  return text;
}

test('csv: no cell starts a formula, labels are trimmed, numbers stay numbers', async () => {
  await fill(store, 'j1');
  const lines = (await textOf(everything, 'csv')).split('\r\n');
  expect(lines).toEqual([
    'source,frame,time_ms,class,score,x,y,width,height,inherited',
    `"'=HYPERLINK(""http://x"")&.mp4",0,0,car,0.5,-1.5,2,3.46,4,0`,
    `"'=HYPERLINK(""http://x"")&.mp4",7,1400.4,'@person,0.91,1,2,3,4,0`,
    `"'=HYPERLINK(""http://x"")&.mp4",7,1400.4,car,0.7,9,9,9,9,0`,
    '',
  ]);
});

test('json: the keys of the contract in order, and the same bytes from another data folder', async () => {
  await fill(store, 'job-one');
  const text = await textOf({ ...everything, jobId: 'job-one' }, 'json');
  const report = JSON.parse(text) as Record<string, unknown>;
  expect(Object.keys(report)).toEqual(['meta', 'coverage', 'totals', 'detections']);
  expect(report).toMatchObject({
    meta: { format: 'nightshift-report', version: 1, recipes: [{ model: 'nanodet-g' }] },
    coverage: [
      { source: '/b<script>.jpg', kind: 'picture', frames: 0, inherited: 0, ranges: [], state: 'failed' },
      { source: '/c.mp4', frames: 0, state: 'partial' },
      { source: formulaPath, kind: 'video', frames: 10, inherited: 0, ranges: [[0, 10]], state: 'done' },
    ],
    totals: {
      sources: 3,
      frames: 10,
      detections: 3,
      byClass: { ' @person ': 1, car: 2 },
      failures: [{ path: '/b<script>.jpg', kind: 'undecodable', reason: 'ends & <early>' }],
    },
  });
  expect((report['detections'] as unknown[])[2]).toEqual({
    source: formulaPath,
    frame: 7,
    timeMs: 1400.4,
    class: 'car',
    score: 0.7,
    box: [9, 9, 9, 9],
  });

  const second = await openFolder(join(folder.path, 'other'));
  try {
    // Other ids: something else was looked at before.
    await second.call('sources.ensure', content('z'));
    await second.call('recipes.ensure', recipe('unrelated'));
    await fill(second, 'job-two');
    const other = createReportService({
      store: second,
      clock: { ...clock, epochMs: () => 1 },
      reportsDir: folder.path,
    });
    const twin = await textOf({ ...everything, jobId: 'job-two' }, 'json', other);
    expect(twin.replaceAll('Job job-two', 'Job job-one')).toBe(text);
  } finally {
    await second.close();
  }
});

test('html: one file without outside parts, everything from outside escaped', async () => {
  await fill(store, 'j1');
  await store.call('cameras.save', camera('c1', '"><img src=x onerror=alert(1)>'));
  const { sourceId } = await store.call('sources.ensure', content('c1', 'camera'));
  const { recipeId } = await store.call('recipes.ensure', { ...recipe('cam'), labels: ['<b>dog</b>'] });
  const atMs = Date.UTC(2026, 10, 24, 3);
  const rows = [{ frame: atMs, timeMs: atMs, detections: [seen(0, 0.5, [1, 2, 3, 4])] }];
  await store.call('live.commit', { commits: [{ sourceId, recipeId, rows, looked: [[atMs, atMs]] }], events: [] });
  const html = await textOf(everything, 'html');
  expect(html).not.toMatch(/<(script|img|b>dog|link|iframe)/i);
  expect(html).not.toMatch(/<[^>]*\s(src|href)=|url\(|@import/);
  expect(html).toContain('&#60;b&#62;dog');
  expect(html).toContain('ends &#38; &#60;early&#62;');
  expect(html).toContain('not yet to the end');
  expect(html.indexOf('/c.mp4')).toBeLessThan(html.indexOf('HYPERLINK'));
});

test('an empty store gives whole, empty reports', async () => {
  expect(await textOf(everything, 'csv')).toBe('source,frame,time_ms,class,score,x,y,width,height,inherited\r\n');
  expect(JSON.parse(await textOf(everything, 'json'))).toMatchObject({ coverage: [], detections: [] });
  expect(await textOf(everything, 'html')).toContain('Nothing has been looked at yet.');
});

test('an export goes to the reports folder under a safe name, never over another, and is listed', async () => {
  await fill(store, '../../J öb');
  const request = { scope: { ...everything, jobId: '../../J öb' }, format: 'csv', file: null } as const;
  const first = await service.export(request);
  const second = await service.export(request);
  expect(readdirSync(join(folder.path, 'reports')).sort()).toEqual([
    expect.stringMatching(/^nightshift-job-j-ob-2026-11-2[345]-\d{4}-2\.csv$/),
    expect.stringMatching(/^nightshift-job-j-ob-2026-11-2[345]-\d{4}\.csv$/),
  ]);
  expect(first).toMatchObject({ title: 'Job ../../J öb', format: 'csv', rows: 3, scope: request.scope });
  expect(first.bytes).toBe(readFileSync(first.file).length);
  expect(await service.list()).toEqual([second, first]);
});

test('a named file is replaced whole; a folder, a missing folder and a file as folder are refused in words', async () => {
  await fill(store, 'j1');
  const file = join(folder.path, 'mine.csv');
  writeFileSync(file, 'old');
  await service.export({ scope: everything, format: 'csv', file });
  expect(readFileSync(file, 'utf8')).toMatch(/^source,/);
  mkdirSync(join(folder.path, 'sub'));
  const attempt = (target: string) => service.export({ scope: everything, format: 'csv', file: target });
  await expect(attempt(join(folder.path, 'sub'))).rejects.toMatchObject({
    kind: 'bad-input',
    where: join(folder.path, 'sub'),
  });
  await expect(attempt(join(folder.path, 'gone', 'x.csv'))).rejects.toMatchObject({ kind: 'bad-input' });
  await expect(attempt(join(file, 'x.csv'))).rejects.toMatchObject({ kind: 'bad-input' });
  expect(existsSync(join(folder.path, 'gone'))).toBe(false);
  expect(readdirSync(folder.path).filter((name) => name.endsWith('.partial'))).toEqual([]);
});

test('a report that fails half-way leaves the old file and no remains', async () => {
  await fill(store, 'j1');
  const file = join(folder.path, 'mine.json');
  writeFileSync(file, 'old');
  const broken = createReportService({
    clock,
    reportsDir: folder.path,
    store: {
      ...store,
      call: (name, input) => (name === 'report.rows' ? Promise.reject(new Error('gone')) : store.call(name, input)),
    },
  });
  await expect(broken.export({ scope: everything, format: 'json', file })).rejects.toThrow('gone');
  expect(readFileSync(file, 'utf8')).toBe('old');
  expect(readdirSync(folder.path).filter((name) => name.includes('partial'))).toEqual([]);
});

test('a preview is the report without its rows, plus the first of them; an unknown scope is not found', async () => {
  await fill(store, 'j1');
  const preview = await service.preview({ ...everything, jobId: 'j1' });
  expect(preview).toMatchObject({ meta: { title: 'Job j1' }, coverageTotal: 3, totals: { detections: 3 } });
  expect(preview.firstRows).toHaveLength(3);
  expect(preview.density).toEqual([1, 0, 0, 0, 0, 0, 0, 2, 0, 0]);
  await expect(service.preview({ ...everything, jobId: 'none' })).rejects.toMatchObject({ kind: 'not-found' });
  await expect(service.preview({ ...everything, cameraId: 'none' })).rejects.toMatchObject({ kind: 'not-found' });
});

test('html: cameras to look after have a line and two pictures; not in the report of a scan, nor of the past', async () => {
  await fill(store, 'j1');
  const asked: (string | null)[] = [];
  const watching = createReportService({
    store,
    clock,
    reportsDir: join(folder.path, 'reports'),
    health: (cameraId) => {
      asked.push(cameraId);
      const picture = 'data:image/jpeg;base64,/9j/2Q==';
      const says = ['is out of focus.', 'is another one.'];
      return Promise.resolve([{ camera: 'Gate <1>', says, pictures: { accepted: picture, now: null } }]);
    },
  });
  const html = await textOf(everything, 'html', watching);
  expect(html).toContain('<h2>Cameras to look after</h2>');
  expect(html).toContain('<b>Gate &#60;1&#62;</b> is out of focus.');
  expect(html).toContain('<b>Gate &#60;1&#62;</b> is another one.');
  expect(html.match(/<img /g)).toEqual(['<img ']);
  expect(html).toContain('<img src="data:image/jpeg;base64,/9j/2Q==" alt="Gate &#60;1&#62;: accepted">');
  expect(html).toContain("default-src 'none'; style-src 'unsafe-inline'; img-src data:");
  expect((await watching.preview(everything)).health).toHaveLength(1);
  expect(asked).toEqual([null, null]);
  for (const scope of [
    { ...everything, jobId: 'j1' },
    { ...everything, untilMs: clock.epochMs() - 1 },
  ]) {
    expect(await textOf(scope, 'html', watching)).not.toContain('look after');
  }
  await textOf(everything, 'json', watching);
  expect(asked).toHaveLength(2);
});

test('what was shed live has a line for its camera in every format, and nothing of it where there is none', async () => {
  await store.call('cameras.save', { ...camera('gate', '=Gate <1>'), recording: 'continuous' });
  const { sourceId } = await store.call('sources.ensure', content('gate', 'camera'));
  const { recipeId } = await store.call('recipes.ensure', recipe('live', null));
  const rows = [{ frame: 1_000, timeMs: 1_000, detections: [seen(0, 0.9, [1, 2, 3, 4])] }];
  const live = { commits: [{ sourceId, recipeId, rows, looked: [[1_000, 1_000]] as const }], events: [] };
  await store.call('live.commit', live);
  expect(await textOf(everything, 'csv')).not.toContain('note');
  const frames = [1_200, 1_400, 1_600, 1_800];
  await store.call('live.commit', { commits: [], events: [], shed: { sourceId, recipeId, frames, pixels: null } });
  await store.call('repairs.commit', {
    commits: [{ sourceId, recipeId, rows: [{ ...rows[0]!, frame: 1_200, timeMs: 1_200 }], looked: [[1_200, 1_200]] }],
    lost: [{ sourceId, recipeId, frames: [1_400, 1_600], why: 'unreadable' }],
    joinsMs: 500,
    atMs: 9_000,
  });
  const line =
    '4 frames not analysed live: 1 repaired (1 found), 1 still to repair, 2 cannot be repaired: the footage could not be read (2)';
  const csv = (await textOf(everything, 'csv')).trimEnd().split('\r\n');
  expect(csv[0]).toMatch(/,inherited,note$/);
  expect(csv.slice(1).map((row) => row.split(',').slice(1, 3).join())).toEqual(['1000,1000', '1200,1200', ',']);
  expect(csv[3]).toBe(`'=Gate <1>,,,,,,,,,,"${line}"`);
  expect(await textOf(everything, 'html')).toContain(`<p><b>=Gate &#60;1&#62;</b> ${line}</p>`);
  const json = JSON.parse(await textOf(everything, 'json')) as { coverage: readonly { shed?: unknown }[] };
  expect(json.coverage[0]?.shed).toEqual({
    shed: 4,
    repaired: 1,
    boxes: 1,
    left: 1,
    lost: [{ why: 'unreadable', frames: 2 }],
  });
});
