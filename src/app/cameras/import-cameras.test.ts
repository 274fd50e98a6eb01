import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { CameraImportRequest } from '../../shared/domain/camera-import.ts';
import { keyFileName } from '../secrets/key-file-secrets.ts';
import { AppBench } from '../testing/app-bench.ts';
import { readCameraTable } from './camera-table.ts';
import { parseCsv } from '../files/parse-csv.ts';

test('rows as spreadsheets write them', () => {
  expect(parseCsv('\uFEFFname;url\r\n"Gate; north";"a ""b"""\r\n\r\n;;\r\nYard;c')).toEqual([
    { line: 1, cells: ['name', 'url'] },
    { line: 2, cells: ['Gate; north', 'a "b"'] },
    { line: 5, cells: ['Yard', 'c'] },
  ]);
  expect(parseCsv('a,b\n"two\nlines",x\ny,z').map(({ line }) => line)).toEqual([1, 2, 4]);
  expect(parseCsv('a\tb\r1\t2')).toHaveLength(2);
  expect(parseCsv('')).toEqual([]);
});

test('values are read as people write them, and what cannot be read is said by row', () => {
  const rows = readCameraTable(
    'Name,URL,User,Password,Weight,FPS,Motion gate,Keep days\n' +
      'Gate,rtsp://192.0.2.7/a,viewer, s3cret ,critical,"2,5",yes,14\n' +
      'Yard,rtsp://192.0.2.8/a,,,heavy,,,\n' +
      'Roof,rtsp://192.0.2.9/a,,,,fast,,\n' +
      ',rtsp://192.0.2.10/a,,,,,,\n' +
      'Hall,rtsp://192.0.2.11/a,,s3cret,,,,\n',
    'csv',
  );
  expect(rows[0]?.read).toMatchObject({
    ok: true,
    settings: { weight: 'critical', analysisFps: 2.5, motionGate: true, keepDays: 14, sloMs: 200 },
    login: { user: 'viewer', password: ' s3cret ' },
  });
  expect(rows.slice(1).map(({ line, read }) => [line, read.ok ? 'ok' : read.problem])).toEqual([
    [3, expect.stringMatching(/^weight: /)],
    [4, expect.stringMatching(/^fps: /)],
    [5, 'It has no name.'],
    [6, 'It has a password, but no user.'],
  ]);
});

test.each([
  ['csv', 'name,url,colour\nGate,rtsp://x/,red', /no column "colour"/],
  ['csv', 'Gate,rtsp://x/', /no column "Gate"/],
  ['csv', 'name,user\nGate,x', /"url" is missing/],
  ['csv', 'name,url\n', /no camera in this list/],
  ['json', '{"password":"s3cret"', /^This is not JSON\.$/],
  ['json', '{"name":"x"}', /array of objects/],
  ['json', '[1]', /Entry 1/],
  ['json', '[{"__proto__":{"x":1}}]', /no name|no column/],
  ['csv', `name,url\n${'x,rtsp://x/\n'.repeat(1001)}`, /at most 1000/],
] as const)('a %s list that is none: %j', (format, text, words) => {
  let said = '';
  try {
    const rows = readCameraTable(text, format);
    said = rows.map(({ read }) => (read.ok ? 'ok' : read.problem)).join();
  } catch (caught) {
    said = (caught as Error).message;
  }
  expect(said).toMatch(words);
  expect(said).not.toContain('s3cret');
});

let bench: AppBench | null = null;
afterEach(async () => {
  await bench?.end();
  bench = null;
});

test('cameras that differ only in what is not shown are different ones; the same one again is found', async () => {
  bench = new AppBench();
  await bench.start({ openCameras: false });
  const { app } = bench;
  const stream = (name: string, token: string) => ({
    name,
    url: `rtsp://192.0.2.7/live?token=${token}`,
    enabled: false,
  });
  const ask = (rows: readonly object[], apply: CameraImportRequest['apply']) =>
    bench!.passing(
      app.handlers['cameras.import']({ text: JSON.stringify(rows), format: 'json', apply, allowLoopback: false }),
    );
  const both = [stream('Gate', 't0ken-a'), stream('Yard', 't0ken-b')];
  expect(await ask(both, 'all')).toMatchObject({ added: 2, problems: 0 });
  const again = await ask([...both, stream('Roof', 't0ken-c'), stream('Roof too', 't0ken-c')], 'none');
  expect(again.rows.map(({ problem }) => problem)).toEqual([
    'Gate has this address already.',
    'Yard has this address already.',
    null,
    'Line 3 has the same address.',
  ]);
  expect(JSON.stringify(again)).not.toContain('t0ken');
  rmSync(join(bench.dataDir, keyFileName));
  expect((await ask([stream('Roof', 't0ken-c')], 'none')).rows[0]?.problem).toMatch(/may have this address already/);
});

test('a preview adds nothing; the good rows are added, or all of them or none; no answer has a password', async () => {
  bench = new AppBench();
  await bench.start({ openCameras: false });
  const { app } = bench;
  const text = JSON.stringify([
    { name: 'Gate', url: 'rtsp://admin:s3cret@192.0.2.7/a', group: 'North', enabled: false },
    { name: 'Yard', url: 'rtsp://192.0.2.8/a', user: 'viewer', password: 's3cret', enabled: 'no' },
    { name: 'Gate again', url: 'rtsp://192.0.2.7/a' },
    { name: 'Cloud', url: 'http://x:s3cret@169.254.169.254/' },
    { name: 'Local', url: 'http://127.0.0.1:81/mjpg' },
    { name: 'Model', url: 'rtsp://192.0.2.9/a', model: 'no-such-model' },
  ]);
  const ask = (apply: CameraImportRequest['apply']) =>
    bench!.passing(app.handlers['cameras.import']({ text, format: 'json', apply, allowLoopback: false }));
  const names = async () =>
    (await bench!.passing(app.handlers['app.overview'](undefined))).cameras.map(({ name, group, login }) => [
      name,
      group,
      login,
    ]);

  const preview = await ask('none');
  expect(preview).toMatchObject({ added: 0, problems: 4 });
  expect(preview.rows.map(({ problem }) => problem)).toEqual([
    null,
    null,
    'Line 1 has the same address.',
    expect.stringMatching(/metadata/),
    expect.stringMatching(/--allow-loopback/),
    expect.stringMatching(/no-such-model/),
  ]);
  expect(preview.rows.map(({ hasLogin }) => hasLogin).slice(0, 2)).toEqual([true, true]);
  expect(JSON.stringify(preview)).not.toContain('s3cret');
  expect(await ask('all')).toMatchObject({ added: 0 });
  expect(await names()).toEqual([]);
  expect(await ask('good')).toMatchObject({ added: 2, problems: 4 });
  expect(await names()).toEqual([
    ['Gate', 'North', 'kept'],
    ['Yard', '', 'kept'],
  ]);
  expect((await ask('none')).rows[0]?.problem).toBe('Gate has this address already.');
});
