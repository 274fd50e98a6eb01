import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readItemList, type ListRow } from './item-list.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-list-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function rows(name: string, text: string): Promise<unknown[]> {
  const list = join(folder, name);
  writeFileSync(list, text);
  const found: ListRow[] = [];
  for await (const row of readItemList(list)) found.push(row);
  return found.map((row) => [
    row.line,
    row.problem === null ? [row.path.slice(folder.length + 1), row.id] : row.problem,
  ]);
}

test('csv: columns by name in any order, other columns left alone, bad rows named by line', async () => {
  const text = '\uFEFFid;shop;Path\r\n17;A;a.jpg\r\n;B;"in; side/b.jpg"\r\n18;C;\r\n\r\n19;D;../c.jpg\r\n';
  const found = await rows('shelf.csv', text);
  expect(found.slice(0, 3)).toEqual([
    [2, ['a.jpg', '17']],
    [3, [join('in; side', 'b.jpg'), null]],
    [4, 'it has no path'],
  ]);
  expect(found[3]).toEqual([6, [expect.any(String), '19']]);
  await expect(rows('no.csv', 'file,id\na.jpg,1\n')).rejects.toMatchObject({
    kind: 'bad-input',
    where: join(folder, 'no.csv'),
    message: expect.stringContaining('"path"') as string,
  });
});

test('json: a list of paths or objects, or one value a line', async () => {
  const values = ['a.jpg', { path: 'b.jpg', id: 7 }, { id: 'x' }, { path: 'c.jpg', id: {} }, null, 5];
  const expected = [
    [1, ['a.jpg', null]],
    [2, ['b.jpg', '7']],
    [3, 'it has no path'],
    [4, 'its id is neither a text nor a number'],
    [5, 'it has no path'],
    [6, 'it has no path'],
  ];
  expect(await rows('list.json', JSON.stringify(values))).toEqual(expected);
  const lines = values.map((value) => JSON.stringify(value)).join('\n');
  expect(await rows('list.jsonl', `${lines}\n{"path": \n`)).toEqual([...expected, [7, 'it is no JSON']]);
  await expect(rows('object.json', '{"path": "a.jpg"}')).rejects.toMatchObject({ kind: 'bad-input' });
  await expect(rows('broken.json', '["a.jpg",')).rejects.toMatchObject({ message: 'It is no JSON list.' });
});

test('a list that is not there is an error in words', async () => {
  const read = async (): Promise<void> => {
    for await (const _ of readItemList(join(folder, 'gone.csv'))) expect.unreachable();
  };
  await expect(read()).rejects.toMatchObject({ kind: 'not-found', where: join(folder, 'gone.csv') });
});
