import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { jobSpecSchema } from '../../shared/domain/job.ts';
import { openStore } from '../../store/client.ts';
import { systemClock } from '../system-clock.ts';
import { JobListing } from './job-listing.ts';
import { RunMeter } from './run-meter.ts';
import { ScanSources } from './scan-sources.ts';

const million = 1_000_000;
/** One folder that is larger than what is held at once, and many of a usual size. */
const inOneFolder = 100_000;
const aFolder = 1_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-million-'));
  const write = (below: string, count: number): void => {
    mkdirSync(join(folder, 'archive', below), { recursive: true });
    for (let index = 0; index < count; index++) {
      writeFileSync(join(folder, 'archive', below, `${String(index).padStart(6, '0')}.jpg`), '');
    }
  };
  write('large', inOneFolder);
  for (let at = 0; at < (million - inOneFolder) / aFolder; at++) write(`of-many/${String(at)}`, aFolder);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('a million files are listed with flat memory, the first of them at once', async () => {
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const workerFile = new URL('../../store/worker.ts', import.meta.url);
  const store = await openStore({ dataDir: join(folder, 'data'), workerFile, log });
  const spec = jobSpecSchema.parse({ paths: [join(folder, 'archive')] });
  const [id, name] = ['million', 'A million'];
  const times = { createdAtMs: 0, startedAtMs: null, endedAtMs: null };
  await store.call('jobs.save', { id, name, spec, state: 'enumerating', reason: null, ...times });
  const meter = new RunMeter(systemClock);
  const startedMs = systemClock.monoMs();
  let firstMs: number | null = null;
  const mebibytes: number[] = [];
  const { signal } = new AbortController();
  const row = await store.call('jobs.get', { id });
  if (row === null) throw new Error('the job was stored');
  const listing = new JobListing(row, {
    ...{ store, clock: systemClock, log, meter, signal, sources: new ScanSources(spec) },
    paged: () => {
      firstMs ??= systemClock.monoMs() - startedMs;
      if (meter.found % 50_000 === 0) mebibytes.push(Math.round(process.memoryUsage().rss / 2 ** 20));
    },
    whole: () => undefined,
  });
  await listing.begin().over;
  const tookMs = systemClock.monoMs() - startedMs;
  const { total, pending } = await store.call('jobs.totals', { id });
  await store.close();
  process.stdout.write(
    `a million files: first page after ${String(Math.round(firstMs ?? 0))} ms, all after ${String(Math.round(tookMs))} ms; ` +
      `memory every 50,000 files, MiB: ${mebibytes.join(' ')}\n`,
  );
  expect([total, pending, meter.found]).toEqual([million, million, million]);
  expect(firstMs).toBeLessThan(tookMs / 20);
  // After the first tenth, which fills the caches, it does not grow with what there is.
  const settled = mebibytes.slice(2);
  expect(Math.max(...settled) - (settled[0] ?? 0)).toBeLessThan(96);
});
