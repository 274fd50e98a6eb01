import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { jobSpecSchema } from '../../shared/domain/job.ts';
import { enumerateItems } from './enumerate.ts';
import { estimate } from './estimate.ts';

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
async function found(recursive: boolean, signal: Signal = new AbortController().signal): Promise<string[]> {
  const names: string[] = [];
  const unreadable = (path: string): void => {
    names.push(`unreadable: ${path.slice(folder.length + 1)}`);
  };
  for await (const page of enumerateItems({ paths: [folder], recursive, signal, unreadable })) {
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

test('an estimate gives up after 2 s, also among files that are none of its business', async () => {
  await files('a.jpg', ...Array.from({ length: 50 }, (_, index) => `${String(index)}.txt`));
  const spec = jobSpecSchema.parse({ paths: [folder] });
  expect(await estimate(spec, 10, () => 0)).toEqual({ pictures: 1, videos: 0, bytes: 1, expectedMs: 10, more: false });
  let nowMs = 0;
  expect((await estimate(spec, 10, () => (nowMs += 100))).more).toBe(true);
  expect(nowMs).toBeLessThan(3_000);
});
