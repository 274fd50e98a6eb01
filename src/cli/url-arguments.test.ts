import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readUrls, warnOfSecrets } from './url-arguments.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-urls-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('addresses come from a file or standard input, one a line', async () => {
  const list = '# the yard\r\nrtsp://u:p@192.0.2.7/1 \r\n\n  test:?fps=5\n';
  const file = join(folder, 'urls.txt');
  writeFileSync(file, list);
  const urls = ['rtsp://u:p@192.0.2.7/1', 'test:?fps=5'];
  expect(await readUrls(file)).toEqual(urls);
  expect(await readUrls('-', Readable.from([list]))).toEqual(urls);
  await expect(readUrls('-', Readable.from(['# none\n']))).rejects.toMatchObject({
    kind: 'bad-input',
    where: 'standard input',
  });
  await expect(readUrls(join(folder, 'gone.txt'))).rejects.toMatchObject({ kind: 'not-found' });
});

test.each([
  ['rtsp://u:s3cret@192.0.2.7/1', true],
  ['http://192.0.2.7/mjpg?token=s3cret', true],
  ['rtsp://u:s3cret@', true],
  ['rtsp://192.0.2.7/1', false],
  ['file:clip.mp4', false],
  ['test:?fps=5', false],
])('%s as an argument is warned of: %s', (url, warned) => {
  const said: string[] = [];
  warnOfSecrets({ say: (line) => said.push(line) }, ['test:', url], 'Give it elsewhere.');
  expect(said).toHaveLength(warned ? 1 : 0);
  expect(said.join()).not.toContain('s3cret');
});
