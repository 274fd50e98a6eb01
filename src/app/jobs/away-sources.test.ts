import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { AppBench } from '../testing/app-bench.ts';

let bench: AppBench;
afterEach(() => bench.end());

const open = async (files: number, script: ConstructorParameters<typeof AppBench>[0] = {}): Promise<void> => {
  bench = new AppBench(script);
  for (let index = 0; index < files; index++) bench.file(`${String(index).padStart(3, '0')}.jpg`);
  await bench.start();
};
const create = (change: Parameters<AppBench['spec']>[0] = {}): Promise<{ id: string }> =>
  bench.passing(bench.app.handlers['jobs.create'](bench.spec(change)));
const resume = (id: string): Promise<unknown> => bench.passing(bench.app.handlers['jobs.resume']({ id }));

/** As a drive that is pulled out: its files are gone, and the place where it was mounted is there, empty. */
function unmount(): () => void {
  const elsewhere = join(bench.folder, 'elsewhere');
  renameSync(bench.footage, elsewhere);
  mkdirSync(bench.footage);
  return () => {
    rmSync(bench.footage, { recursive: true });
    renameSync(elsewhere, bench.footage);
  };
}

test('a drive that is pulled out in the middle pauses the scan; nothing is missing, and it goes on when it is back', async () => {
  // More than the engine has at a time.
  await open(150, { runMs: (_lane, batch) => 20 * batch });
  const { id } = await create();
  await bench.until(() => (bench.job(id)?.frames ?? 0) > 20);
  const mount = unmount();
  const paused = await bench.jobIs(id, 'paused');
  expect(paused.reason).toContain('probably not mounted');
  expect(paused.items).toMatchObject({ total: 150, failed: 0 });
  await bench.told('is paused: This folder is empty');
  // Asked for again while it is away: the same, and not "0 files, done".
  await resume(id);
  await bench.until(() => bench.job(id)?.state !== 'paused');
  expect((await bench.jobIs(id, 'paused')).items).toMatchObject({ total: 150, failed: 0 });
  mount();
  await resume(id);
  await bench.until(() => bench.job(id)?.state !== 'paused');
  expect((await bench.jobIs(id, 'done', 600_000)).items).toMatchObject({ total: 150, failed: 0 });
  expect(bench.engines.violations).toEqual([]);
});

test('files that the engine cannot read: the scan is paused where their folder is gone', async () => {
  await open(3, { item: () => ({ kind: 'unreadable', reason: 'the share is away' }) });
  bench.storeFault = (name) => {
    // Between the reading of the first file's content and the engine's.
    if (name === 'items.bind') rmSync(bench.footage, { recursive: true, force: true });
    return null;
  };
  const { id } = await create();
  const paused = await bench.jobIs(id, 'paused');
  expect(paused.reason).toContain('This folder is gone');
  expect(paused.items).toMatchObject({ total: 3, failed: 0 });
});

test('of files that are named, one that is gone is missing, and the others are done', async () => {
  await open(3);
  const paths = ['000.jpg', '001.jpg', '002.jpg'].map((name) => join(bench.footage, name));
  bench.storeFault = (name) => {
    if (name === 'items.endFound') rmSync(paths[1] ?? '', { force: true });
    return null;
  };
  const { id } = await create({ paths });
  expect((await bench.jobIs(id, 'done')).items).toMatchObject({ total: 3, done: 2, failed: 1 });
});

test('an empty folder is paused, one without pictures fails, and patterns that are not understood make no job', async () => {
  await open(3);
  for (const name of ['empty', 'texts']) mkdirSync(join(bench.footage, name));
  bench.file('texts/notes.txt');
  const empty = await create({ paths: [join(bench.footage, 'empty')] });
  expect((await bench.jobIs(empty.id, 'paused')).reason).toContain('This folder is empty');
  const texts = await create({ paths: [join(bench.footage, 'texts')] });
  expect((await bench.jobIs(texts.id, 'failed')).reason).toContain('No pictures or videos');
  await expect(create({ include: ['*.{jpg'] })).rejects.toMatchObject({ kind: 'bad-input', where: '*.{jpg' });
});

test('patterns choose what is scanned, and make another job; none make the one there was before there were any', async () => {
  await open(12);
  const some = await create({ include: ['00?.jpg'], exclude: ['000.*'] });
  expect((await bench.jobIs(some.id, 'done')).items).toMatchObject({ total: 9, done: 9 });
  const all = await create();
  expect(all.id).not.toBe(some.id);
  expect((await bench.jobIs(all.id, 'done')).items).toMatchObject({ total: 12, failed: 0 });
});
