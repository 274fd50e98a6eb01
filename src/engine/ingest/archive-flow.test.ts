import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { machineClock } from './clock.ts';
import { demoFile, IngestProbe } from './testing/ingest-probe.ts';

const clip = demoFile('camera.mp4');
const still = demoFile('night/still-01.jpg');
const unreliable = new URL('./testing/unreliable-worker.ts', import.meta.url);

let folder: string;
let deadly: string;
let silent: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-flow-'));
  deadly = join(folder, 'deadly.mp4');
  silent = join(folder, 'silent.mp4');
  copyFileSync(clip, deadly);
  copyFileSync(clip, silent);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Lets the worker do what it can. It does nothing more once its window is full, so the exact time does not matter. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 300));

test('never more frames out than the window, over all items; each given back makes room for one', async () => {
  await using probe = new IngestProbe({ archiveWindow: 5 });
  probe.keep = true;
  probe.feed(still, { kind: 'picture', item: 'first' });
  probe.feed(clip, { item: 'second' });
  await probe.until(() => probe.arrived.length >= 5);
  await settle();
  expect(probe.arrived.map(({ ticket }) => [ticket.source, ticket.frame])).toEqual([
    ['first', 0],
    ['second', 0],
    ['second', 1],
    ['second', 2],
    ['second', 3],
  ]);
  probe.ingest.release([probe.arrived[0]?.ticket.frameId ?? 0, probe.arrived[1]?.ticket.frameId ?? 0]);
  await probe.until(() => probe.arrived.length >= 7);
  await settle();
  expect(probe.arrived).toHaveLength(7);
  // Giving back twice gives no second credit.
  probe.ingest.release([probe.arrived[0]?.ticket.frameId ?? 0]);
  await settle();
  expect(probe.arrived).toHaveLength(7);
  probe.ingest.setArchiveWindow(8);
  await probe.until(() => probe.arrived.length >= 10);
  await settle();
  expect(probe.arrived).toHaveLength(10);
});

test('buffers are used again and hold the new picture', async () => {
  await using probe = new IngestProbe({ archiveWindow: 2 });
  const item = probe.feed(clip);
  await probe.end(item);
  expect(probe.of(item)).toHaveLength(100);
  expect(new Set(probe.arrived.map(({ hash }) => hash)).size).toBe(100);
  expect(new Set(probe.arrived.map(({ ticket }) => ticket.frameId)).size).toBe(100);
  expect(probe.ingest.frame(probe.arrived[0]?.ticket.frameId ?? 0)).toBeNull();
});

test('everything is heard while the event loop stands still', async () => {
  await using probe = new IngestProbe({ archiveWindow: 8 });
  probe.feed(still, { kind: 'picture' });
  await probe.end(still);
  const item = probe.feed(clip, { item: 'clip' });
  const until = machineClock.monoMs() + 10_000;
  while (probe.told('item-ended').length < 2 && machineClock.monoMs() < until) probe.drain();
  expect(probe.of(item)).toHaveLength(100);
});

test('a dropped item ends as such, gives its frames back, and the next one follows', async () => {
  await using probe = new IngestProbe({ archiveWindow: 4 });
  probe.keep = true;
  probe.feed(clip, { item: 'dropped' });
  probe.feed(clip, { item: 'queued' });
  probe.feed(still, { kind: 'picture', item: 'next' });
  await probe.until(() => probe.arrived.length >= 4);
  probe.ingest.dropItem('queued');
  probe.ingest.dropItem('dropped');
  expect(probe.ingest.frame(probe.arrived[0]?.ticket.frameId ?? 0)).toBeNull();
  expect(await probe.end('next')).toMatchObject({ type: 'item-ended', complete: true });
  expect(await probe.end('dropped')).toMatchObject({ complete: false, frames: 4, endFrame: 4 });
  expect(await probe.end('queued')).toMatchObject({ complete: false, frames: 0, endFrame: 0 });
  expect(probe.of('next')).toHaveLength(1);
});

test('an item can be dropped and fed again at once', async () => {
  await using probe = new IngestProbe({ archiveWindow: 4 });
  probe.feed(clip, { item: 'twice' });
  await probe.until(() => probe.arrived.length >= 1);
  probe.ingest.dropItem('twice');
  probe.feed(clip, { item: 'twice', startFrame: 90 });
  await probe.until(() => probe.told('item-ended').length === 2);
  expect(probe.told('item-ended').map(({ complete, endFrame }) => [complete, complete ? endFrame : 0])).toEqual([
    [false, 0],
    [true, 100],
  ]);
});

test('a worker that dies takes only the item in work with it', async () => {
  await using probe = new IngestProbe({ workerFile: unreliable, archiveWindow: 4 });
  probe.keep = true;
  probe.feed(still, { kind: 'picture', item: 'before' });
  probe.feed(deadly);
  probe.feed(clip, { item: 'after' });
  expect(await probe.end(deadly)).toMatchObject({
    type: 'item-failed',
    kind: 'undecodable',
    reason: expect.stringMatching(/broke down/) as string,
  });
  // The frame that is still out counts against the new worker's window.
  await probe.until(() => probe.of('after').length >= 3);
  await settle();
  expect(probe.of('after')).toHaveLength(3);
  probe.ingest.release(probe.arrived.map(({ ticket }) => ticket.frameId));
  probe.keep = false;
  expect(await probe.end('after')).toMatchObject({ type: 'item-ended', frames: 100, complete: true });
});

test('a read that never returns is given up, and the rest goes on', async () => {
  let skewMs = 0;
  const clock = { ...machineClock, monoMs: () => machineClock.monoMs() + skewMs };
  await using probe = new IngestProbe({ workerFile: unreliable, clock });
  probe.feed(silent);
  probe.feed(still, { kind: 'picture' });
  await settle();
  expect(probe.news).toEqual([]);
  // Again and again: on a busy machine the worker may not have begun to read when the clock first jumps.
  const jumps = setInterval(() => (skewMs += 31_000), 300);
  const ended = await probe.end(silent);
  clearInterval(jumps);
  expect(ended).toMatchObject({ type: 'item-failed', kind: 'timed-out' });
  expect(await probe.end(still)).toMatchObject({ type: 'item-ended', complete: true });
});

test('fifteen dead workers in a row', async () => {
  await using probe = new IngestProbe({ workerFile: unreliable });
  for (let round = 0; round < 15; round++) {
    expect(await probe.end(probe.feed(deadly, { item: `deadly-${String(round)}` }))).toMatchObject({
      kind: 'undecodable',
    });
    expect(await probe.end(probe.feed(clip, { item: `clip-${String(round)}`, startFrame: 95 }))).toMatchObject({
      frames: 5,
    });
  }
});

test('a worker that cannot even start fails its items instead of starting for ever', async () => {
  await using probe = new IngestProbe({ workerFile: new URL('./testing/no-such-worker.ts', import.meta.url) });
  expect(await probe.end(probe.feed(clip))).toMatchObject({
    kind: 'unreadable',
    reason: expect.stringMatching(/cannot be started/) as string,
  });
});
