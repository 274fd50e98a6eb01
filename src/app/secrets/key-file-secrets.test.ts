import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keyFileName, keyFileSecrets } from './key-file-secrets.ts';

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-key-'));
  file = join(folder, keyFileName);
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('the key is made once, whole, for its owner alone, whatever an earlier try left there', async () => {
  writeFileSync(`${file}.partial`, 'half', { mode: 0o644 });
  const secrets = keyFileSecrets(folder);
  const sealed = await Promise.all(['a', 'b', 'c'].map((text) => secrets.encrypt(text)));
  expect(await Promise.all(sealed.map((one) => keyFileSecrets(folder).decrypt(one)))).toEqual(['a', 'b', 'c']);
  expect(readdirSync(folder)).toEqual([keyFileName]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await secrets.repair()).toBeNull();
});

test.each([
  ['cut off', 'c2hvcnQ='],
  ['empty', ''],
])('a key file that is %s is set aside, and new passwords are kept under a new key', async (_what, content) => {
  const secrets = keyFileSecrets(folder);
  const old = await secrets.encrypt('old');
  writeFileSync(file, content);
  await expect(secrets.decrypt(old)).rejects.toThrow(/damaged/);
  const sealed = await secrets.encrypt('new');
  expect(await secrets.decrypt(sealed)).toBe('new');
  await expect(secrets.decrypt(old)).rejects.toThrow(/another key file/);
  expect(readFileSync(`${file}.damaged`, 'utf8')).toBe(content);

  writeFileSync(file, content);
  expect(await secrets.repair()).toBe(`${file}.damaged-2`);
  expect(readdirSync(folder).sort()).toEqual([`${keyFileName}.damaged`, `${keyFileName}.damaged-2`]);
  await expect(secrets.decrypt(sealed)).rejects.toThrow(/gone/);
});
