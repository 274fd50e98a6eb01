import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AppBench } from '../testing/app-bench.ts';

/** Each list makes a page of the listing. */
const files = 12;
const aPage = 4;
const name = (index: number): string => `${String(index).padStart(2, '0')}.jpg`;

let bench: AppBench;
let lists: string[];
const create = (): Promise<{ id: string }> =>
  bench.passing(bench.app.handlers['jobs.create'](bench.spec({ paths: [], lists })));
beforeEach(async () => {
  bench = new AppBench({ runMs: (_lane, batch) => 2 * batch });
  for (let index = 0; index < files; index++) bench.file(name(index));
  lists = [0, 1, 2].map((page) => {
    const names = Array.from({ length: aPage }, (_, index) => `../${name(page * aPage + index)}`);
    return bench.file(`lists/${String(page)}.jsonl`, names.map((one) => JSON.stringify(one)).join('\n'));
  });
  await bench.start();
});
afterEach(() => bench.end());

/** The second page takes 2 s to store, the third until it is let go. */
function holdPages(): () => void {
  let pages = 0;
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  bench.storeHold = (operation) => {
    if (operation !== 'items.found') return null;
    pages += 1;
    if (pages === 2) return new Promise((resolve) => setTimeout(resolve, 2_000));
    return pages === 3 ? held : null;
  };
  return letGo;
}

test('results come before the listing ends, with a count that is seen', async () => {
  const letGo = holdPages();
  const { id } = await create();
  await bench.until(() => bench.job(id)?.listing === aPage);
  expect(bench.job(id)).toMatchObject({ state: 'enumerating', frames: 0, progress: null });
  await bench.until(() => (bench.job(id)?.frames ?? 0) === 2 * aPage);
  expect(bench.job(id)).toMatchObject({
    state: 'running',
    listing: 2 * aPage,
    progress: null,
    etaMs: null,
    items: { total: 2 * aPage, done: 2 * aPage, skipped: 0, failed: 0 },
  });
  // Everything that is listed is done, and still it is not the end.
  await bench.pass(10_000);
  expect(bench.job(id)?.state).toBe('running');
  letGo();
  const job = await bench.jobIs(id, 'done');
  expect(job).toMatchObject({ listing: null, frames: files, progress: 1 });
  expect(job.items).toEqual({ total: files, done: files, skipped: 0, failed: 0 });
  expect(bench.analysedTwice).toEqual([]);
  expect(bench.engines.violations).toEqual([]);
});

test('scanned again: what has changed is found wherever the reading of the ledger has got to, and done once', async () => {
  const { id } = await create();
  await bench.jobIs(id, 'done');
  for (const index of [1, 6, 10]) writeFileSync(join(bench.footage, name(index)), `changed ${String(index)}`);
  const letGo = holdPages();
  await bench.passing(bench.app.handlers['jobs.resume']({ id }));
  await bench.until(() => bench.job(id)?.state === 'running' && bench.job(id)?.items.done === 2);
  expect(bench.job(id)).toMatchObject({ framesThisRun: 2, items: { total: files, failed: 0 } });
  letGo();
  await bench.until(() => bench.job(id)?.framesThisRun === 3);
  const job = await bench.jobIs(id, 'done');
  expect(job.items).toEqual({ total: files, done: 3, skipped: files - 3, failed: 0 });
});

test('paused while it lists and scans, it writes nothing more; resumed, it finds them all', async () => {
  const letGo = holdPages();
  const { id } = await create();
  await bench.until(() => (bench.job(id)?.frames ?? 0) > 2);
  const paused = bench.app.handlers['jobs.pause']({ id });
  letGo();
  await bench.passing(paused);
  await bench.pass(1_000);
  bench.storeHold = () => null;
  await bench.passing(bench.app.handlers['jobs.resume']({ id }));
  const job = await bench.jobIs(id, 'done');
  expect(job.items).toMatchObject({ total: files, failed: 0 });
  expect(job.frames).toBe(files);
  expect(bench.engines.violations).toEqual([]);
});
