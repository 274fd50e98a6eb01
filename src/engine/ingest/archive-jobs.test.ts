import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { demoFile, IngestProbe } from './testing/ingest-probe.ts';

const clip = demoFile('camera.mp4');

test('two jobs: each is decoded up to its share, and together they never hold more than the window', async () => {
  await using probe = new IngestProbe({ archiveWindow: 8 });
  probe.keep = true;
  probe.feed(clip, { item: 'one', jobId: 'one' });
  await probe.until(() => probe.of('one').length >= 8);
  // What the first holds from before is above its share of now: the second has to wait for it.
  probe.feed(clip, { item: 'two', jobId: 'two' });
  const give = (from: number, to: number): void => {
    probe.ingest.release(probe.arrived.slice(from, to).map(({ ticket }) => ticket.frameId));
  };
  give(0, 3);
  await probe.until(() => probe.of('two').length >= 3);
  expect(probe.of('one')).toHaveLength(8);
  give(3, 4);
  await probe.until(() => probe.of('two').length >= 4);
  expect(probe.of('one')).toHaveLength(8);
  // From here on each frame given back makes room for one of the same job.
  probe.ingest.release(probe.of('two').map(({ ticket }) => ticket.frameId));
  await probe.until(() => probe.of('two').length >= 8);
  expect(probe.of('one')).toHaveLength(8);
  // One that is taken back leaves its share to the other.
  probe.ingest.dropItem('one');
  await probe.end('one');
  await probe.until(() => probe.of('two').length >= 12);
});

test('neither waits for the end of the other, and what is decoded is the same as alone', async () => {
  await using probe = new IngestProbe({ archiveWindow: 8, decodeAtOnce: 1 });
  probe.keep = true;
  probe.feed(clip, { item: 'one', jobId: 'one' });
  probe.feed(clip, { item: 'two', jobId: 'two' });
  const isOver = (item: string): boolean => probe.told('item-ended').some((news) => news.item === item);
  const given = { one: 0, two: 0 };
  /** Gives back the frames of this job, and none of the other, until it has got so far. */
  const letGoOn = (job: 'one' | 'two', isFarEnough: () => boolean): Promise<void> =>
    probe.until(() => {
      if (isFarEnough()) return true;
      const frames = probe.of(job);
      probe.ingest.release(frames.slice(given[job]).map(({ ticket }) => ticket.frameId));
      given[job] = frames.length;
      return false;
    });
  await letGoOn('two', () => probe.of('two').length >= 50);
  expect(probe.of('one').length).toBeLessThanOrEqual(8);
  await letGoOn('one', () => isOver('one'));
  expect(isOver('two')).toBe(false);
  await letGoOn('two', () => isOver('two'));
  const hashes = (item: string): readonly string[] => probe.of(item).map(({ hash }) => hash);
  expect(hashes('one')).toHaveLength(100);
  expect(hashes('two')).toEqual(hashes('one'));
});

test("a read of one job's that never returns does not stop the other job", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nightshift-jobs-'));
  try {
    const silent = join(folder, 'silent.mp4');
    copyFileSync(clip, silent);
    const workerFile = new URL('./testing/unreliable-worker.ts', import.meta.url);
    await using probe = new IngestProbe({ workerFile, decodeAtOnce: 1 });
    probe.feed(silent, { jobId: 'one' });
    probe.feed(clip, { item: 'two', jobId: 'two', startFrame: 80 });
    expect(await probe.end('two')).toMatchObject({ type: 'item-ended', frames: 20, complete: true });
    expect(probe.of(silent)).toHaveLength(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
