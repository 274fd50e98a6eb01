import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { jobSpecSchema } from '../../shared/domain/job.ts';
import { enumerateItems } from './enumerate.ts';
import { estimate } from './estimate.ts';
import { scanFilter } from './scan-filter.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nightshift-enumerate-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function files(...paths: string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), 'x');
  }
}

type Signal = Parameters<typeof enumerateItems>[0]['signal'];
async function found(
  recursive: boolean,
  signal: Signal = new AbortController().signal,
  how: Partial<Parameters<typeof enumerateItems>[0]> = {},
): Promise<string[]> {
  const names: string[] = [];
  const unreadable = (path: string): void => {
    names.push(`unreadable: ${path.slice(folder.length + 1)}`);
  };
  for await (const page of enumerateItems({ paths: [folder], recursive, signal, unreadable, ...how })) {
    names.push(...page.map(({ path }) => path.slice(folder.length + 1)));
  }
  return names;
}

test('pictures and videos by name, a folder before those below it; hidden, unknown and linked ones are none', async () => {
  await files('b.jpg', 'a.mp4', 'notes.txt', '._b.jpg', '.trash/c.jpg', 'yard/d.png');
  await symlink(join(folder, 'b.jpg'), join(folder, 'linked.jpg'));
  expect(await found(true)).toEqual(['a.mp4', 'b.jpg', join('yard', 'd.png')]);
  expect(await found(false)).toEqual(['a.mp4', 'b.jpg']);
});

test('a stop is noticed where there is nothing to yield', async () => {
  await files('notes.txt');
  const stop = new AbortController();
  stop.abort();
  await expect(found(true, stop.signal)).rejects.toMatchObject({ name: 'AbortError' });
});

test('a folder below that cannot be read is told, and the rest is found', async () => {
  await files('a.jpg', 'gone/b.jpg', 'there/c.jpg');
  // Asked at every name: the root has been listed by then.
  const removing = {
    throwIfAborted: () => {
      rmSync(join(folder, 'gone'), { recursive: true, force: true });
    },
  };
  let asked = 0;
  const signal = {
    throwIfAborted: () => {
      if (++asked === 5) removing.throwIfAborted();
    },
  };
  expect(await found(true, signal)).toEqual(['unreadable: gone', 'a.jpg', join('there', 'c.jpg')]);
});

test('a root that is not there is an error, never "0 files"', async () => {
  await rm(folder, { recursive: true });
  await expect(found(true)).rejects.toMatchObject({ kind: 'not-found', where: folder });
});

test('symbolic links lead nowhere: not out of the folder, not around in it; one that is named is followed', async () => {
  await files('in/a.jpg', 'in/deep/b.jpg', 'out/c.jpg');
  const links = [join(folder, 'in'), join(folder, 'out'), join(folder, 'in', 'deep')];
  for (const [index, to] of links.entries()) await symlink(to, join(folder, 'in', 'deep', `link-${String(index)}`));
  await symlink(join(folder, 'in'), join(folder, 'named'));
  const paths = [join(folder, 'named')];
  expect(await found(true, undefined, { paths })).toEqual([join('named', 'a.jpg'), join('named', 'deep', 'b.jpg')]);
});

test('patterns: of what is wanted and left out, and in a path itself', async () => {
  await files('cam1/a.jpg', 'cam1/a.mp4', 'cam1/thumbs/b.jpg', 'cam2/c.JPG', 'yard/d.jpg', '[x]/e.jpg');
  const filterFor = scanFilter({ include: ['*.jpg'], exclude: ['thumbs/'] });
  expect(await found(true, undefined, { filterFor })).toEqual([
    join('[x]', 'e.jpg'),
    join('cam1', 'a.jpg'),
    join('cam2', 'c.JPG'),
    join('yard', 'd.jpg'),
  ]);
  const inPath = { filterFor, paths: [join(folder, 'cam?', '*')] };
  expect(await found(false, undefined, inPath)).toEqual([join('cam1', 'a.jpg'), join('cam2', 'c.JPG')]);
  // What has that very name is meant.
  expect(await found(true, undefined, { paths: [join(folder, '[x]')] })).toEqual([join('[x]', 'e.jpg')]);
  const nowhere = { paths: [join(folder, 'gone', '*.jpg')] };
  await expect(found(true, undefined, nowhere)).rejects.toMatchObject({ where: join(folder, 'gone') });
});

test('of a folder with more names than are held at once, each is found once', async () => {
  const names = Array.from({ length: 25 }, (_, index) => `${String(index).padStart(2, '0')}.jpg`);
  await files(...names, 'yard/a.jpg', 'yard/b.jpg');
  const inBlocks = await found(true, undefined, { namesAtOnce: 4 });
  expect([...inBlocks].sort()).toEqual([...names, join('yard', 'a.jpg'), join('yard', 'b.jpg')]);
});

test('an estimate gives up after 2 s, also among files that are none of its business', async () => {
  await files('a.jpg', ...Array.from({ length: 50 }, (_, index) => `${String(index)}.txt`));
  const spec = jobSpecSchema.parse({ paths: [folder] });
  expect(await estimate(spec, 10, () => 0)).toEqual({ pictures: 1, videos: 0, bytes: 1, expectedMs: 10, more: false });
  let nowMs = 0;
  expect((await estimate(spec, 10, () => (nowMs += 100))).more).toBe(true);
  expect(nowMs).toBeLessThan(3_000);
});
