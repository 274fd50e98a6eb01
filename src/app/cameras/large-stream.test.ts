import { afterEach, expect, test } from 'vitest';
import { cameraSettingsSchema, type LargeStreamStatus } from '../../shared/domain/camera.ts';
import type { ToEngine } from '../../shared/engine/protocol.ts';
import { AppBench } from '../testing/app-bench.ts';
import { busyWithAccurate, isAtAccurate } from '../testing/busy-engine.ts';
import type { EngineScript } from '../testing/scripted-engine.ts';
import { largeSourceOf } from './large-source.ts';

let bench: AppBench;
afterEach(() => bench.end());

const small = 'rtsp://192.0.2.7/sub';
const large = 'rtsp://192.0.2.7/main';

async function start(script: Partial<EngineScript> = {}): Promise<void> {
  bench = new AppBench(script);
  await bench.start();
}

async function add(change: Record<string, unknown> = {}): Promise<string> {
  const settings = cameraSettingsSchema.parse({ name: 'Gate', url: small, largeUrl: large, ...change });
  return (await bench.passing(bench.app.handlers['cameras.add'](settings))).id;
}

/** What was said to the engine about a source: `open`, `open recorded`, `close`, `record`, `record no more`, `stream`, … */
const saidOf = (source: string): string[] =>
  bench.engines.latest().received.flatMap((message) => wordsOf(message, source));

function wordsOf(message: ToEngine, source: string): string[] {
  if (!('cameraId' in message) || message.cameraId !== source) return [];
  switch (message.type) {
    case 'open-camera':
      return [
        `open${message.packetsOnly === true ? ' packets' : ''}${message.recording === undefined ? '' : ' recorded'}`,
      ];
    case 'close-camera':
      return ['close'];
    case 'record-camera':
      return [message.recording === null ? 'record no more' : 'record'];
    case 'stream-camera':
      return [message.on ? 'stream' : 'stream no more'];
    default:
      return [];
  }
}

function latest(id: string): LargeStreamStatus | null {
  const told = bench.events.findLast(({ event }) => event === 'cameras.status');
  const statuses = told?.event === 'cameras.status' ? told.payload : [];
  return statuses.find(({ cameraId }) => cameraId === id)?.large ?? null;
}

function isTold(id: string): boolean {
  const told = bench.events.findLast(({ event }) => event === 'notices.changed');
  const notices = told?.event === 'notices.changed' ? told.payload : [];
  return notices.some(({ topic, clearedAtMs }) => topic === `camera-large:${id}` && clearedAtMs === null);
}

const isLarge = (id: string, state: LargeStreamStatus['state']) => (): boolean => latest(id)?.state === state;

test('the large stream is recorded and not analysed; where it goes away the small one is recorded until it is back', async () => {
  await start();
  const id = await add({ recording: 'continuous' });
  await bench.until(isLarge(id, 'live'));
  await bench.until(() => saidOf(id).length > 0);
  expect(saidOf(largeSourceOf(id))).toEqual(['open packets recorded']);
  expect(saidOf(id)).toEqual(['open']);

  bench.engines.latest().closeCamera(largeSourceOf(id), `${large}: connection reset`);
  await bench.until(isLarge(id, 'offline'));
  expect(latest(id)?.reason).toContain('connection reset');
  await bench.told('Gate is recorded from its small stream because of the large one');
  const { cameras } = await bench.passing(bench.app.handlers['recordings.status'](undefined));
  expect(cameras[0]?.smallBecause).toContain('connection reset');
  const before = await bench.status(id);
  expect(before).toMatchObject({ state: 'live', offline: null });

  await bench.until(isLarge(id, 'live'));
  expect(saidOf(largeSourceOf(id))).toEqual(['open packets recorded', 'open packets recorded']);
  expect(saidOf(id)).toEqual(['open', 'record', 'record no more']);
  await bench.until(() => !isTold(id));
  await bench.until(() => bench.engines.runs.length > 3);
  const after = await bench.status(id);
  expect(after.captured).toBeGreaterThanOrEqual(before.captured);
  expect(after.state).toBe('live');
  expect(bench.engines.violations).toEqual([]);
});

test('one that cannot be opened is tried again with growing waits, and a small stream opened meanwhile is recorded', async () => {
  let attempts = 0;
  await start({
    camera: ({ packetsOnly }) => {
      if (packetsOnly !== true) return 'opens';
      attempts += 1;
      return { reason: 'The connection was refused.' };
    },
  });
  const id = await add({ recording: 'continuous' });
  await bench.until(() => attempts >= 4);
  // Whichever was first: it is recorded since it is open and the large one is away.
  expect(saidOf(id).filter((said) => said.includes('record'))).toHaveLength(1);
  bench.engines.latest().closeCamera(id, 'gone');
  await bench.until(() => saidOf(id).at(-1) === 'open recorded');
});

test('enlarged, it is opened; left, it is closed a moment later; the analysis goes on', async () => {
  await start();
  const id = await add();
  await bench.until(() => saidOf(id).includes('open'));
  const viewer = bench.app.openViewer(() => undefined);
  viewer.request({ type: 'stream', cameraId: id });
  await bench.until(isLarge(id, 'live'));
  expect(saidOf(largeSourceOf(id))).toEqual(['open packets', 'stream']);
  // A tile that is drawn anew leaves and comes back.
  viewer.request({ type: 'unstream', cameraId: id });
  viewer.request({ type: 'stream', cameraId: id });
  await bench.pass(5_000);
  expect(saidOf(largeSourceOf(id)).filter((said) => said.startsWith('open'))).toHaveLength(1);

  bench.engines.latest().closeCamera(largeSourceOf(id), 'gone');
  await bench.until(isLarge(id, 'offline'));
  expect(saidOf(id)).toEqual(['open', 'stream']);
  await bench.until(isLarge(id, 'live'));
  expect(saidOf(id)).toEqual(['open', 'stream', 'stream no more']);
  expect(saidOf(largeSourceOf(id)).slice(-2)).toEqual(['open packets', 'stream']);

  viewer.close();
  await bench.until(isLarge(id, 'closed'));
  expect(saidOf(largeSourceOf(id)).at(-1)).toBe('close');
  expect((await bench.status(id)).state).toBe('live');
});

test('a lost engine and a change of settings open it anew', async () => {
  await start();
  const id = await add({ recording: 'continuous' });
  await bench.until(isLarge(id, 'live'));
  bench.engines.latest().end({ code: null, signal: 'SIGSEGV' });
  await bench.until(() => bench.engines.all.length === 2 && isLarge(id, 'live')());
  expect(saidOf(largeSourceOf(id))).toEqual(['open packets recorded']);
  await bench.passing(bench.app.handlers['cameras.update']({ id, settings: { largeUrl: null } }));
  expect(saidOf(largeSourceOf(id)).at(-1)).toBe('close');
  await bench.until(() => saidOf(id).at(-1) === 'open recorded');
  expect((await bench.status(id)).large).toBeNull();
});

test('what was told of one that is away is taken back when its engine is lost', async () => {
  await start();
  const id = await add({ recording: 'continuous' });
  await bench.until(isLarge(id, 'live'));
  bench.engines.latest().closeCamera(largeSourceOf(id), 'gone');
  await bench.until(() => isTold(id));
  bench.engines.latest().end({ code: null, signal: 'SIGSEGV' });
  await bench.until(() => bench.engines.all.length === 2 && isLarge(id, 'live')());
  await bench.until(() => !isTold(id));
});

test('the end of an order before the last one does not send it away', async () => {
  await start();
  const id = await add({ recording: 'continuous' });
  await bench.until(isLarge(id, 'live'));
  const reason = 'The camera was closed.';
  bench.engines
    .latest()
    .say({ type: 'camera-closed', cameraId: largeSourceOf(id), opening: 0, reason, requested: true });
  await bench.pass(15_000);
  expect(latest(id)?.state).toBe('live');
  expect(saidOf(largeSourceOf(id))).toEqual(['open packets recorded']);
});

test('who enlarges it while its camera is removed opens nothing that nobody would close', async () => {
  await start();
  const id = await add();
  await bench.until(() => saidOf(id).includes('open'));
  const viewer = bench.app.openViewer(() => undefined);
  viewer.request({ type: 'stream', cameraId: id });
  await bench.until(isLarge(id, 'live'));
  const removed = bench.app.handlers['cameras.remove']({ id });
  await Promise.resolve();
  await Promise.resolve();
  expect(saidOf(largeSourceOf(id)).at(-1)).toBe('close');
  viewer.request({ type: 'unstream', cameraId: id });
  viewer.request({ type: 'stream', cameraId: id });
  await bench.passing(removed);
  await bench.pass(5_000);
  expect(saidOf(largeSourceOf(id)).at(-1)).toBe('close');
  viewer.close();
});

test('one whose engine was too busy to close it in time stays open once it is opened anew', async () => {
  await start(busyWithAccurate(4_500));
  const id = await add({ recording: 'continuous' });
  await bench.until(isLarge(id, 'live'));
  const other = cameraSettingsSchema.parse({ name: 'Yard', url: 'test:', tier: 'accurate' });
  await bench.passing(bench.app.handlers['cameras.add'](other));
  await bench.until(() => isAtAccurate(bench.engines.latest()));
  await bench.passing(bench.app.handlers['cameras.update']({ id, settings: { analysisFps: 8 } }));
  await bench.until(isLarge(id, 'live'));
  await bench.pass(30_000);
  expect(isLarge(id, 'live')()).toBe(true);
  expect(saidOf(largeSourceOf(id)).filter((said) => said.startsWith('open'))).toHaveLength(2);
});

test('its address is checked, its password kept apart, and one password opens both', async () => {
  await start();
  const opened = (source: string): string[] =>
    bench.engines
      .latest()
      .received.flatMap((message) =>
        message.type === 'open-camera' && message.cameraId === source ? [message.url] : [],
      );
  const id = await add({ largeUrl: 'rtsp://admin:hunter2@192.0.2.7/main?token=t0ken', recording: 'continuous' });
  await bench.until(() => opened(id).length > 0 && opened(largeSourceOf(id)).length > 0);
  expect(opened(id)).toEqual(['rtsp://admin:hunter2@192.0.2.7/sub']);
  expect(opened(largeSourceOf(id))).toEqual(['rtsp://admin:hunter2@192.0.2.7/main?token=t0ken']);
  const { cameras } = await bench.passing(bench.app.handlers['app.overview'](undefined));
  expect(cameras[0]).toMatchObject({ url: small, largeUrl: 'rtsp://192.0.2.7/main?token=…', login: 'kept' });
  expect(JSON.stringify([bench.events, bench.logged, cameras])).not.toMatch(/hunter2|t0ken/);

  const setPassword = bench.app.handlers['cameras.setPassword'];
  await bench.passing(setPassword({ ids: [id], login: { user: 'viewer', password: 'new' } }));
  await bench.until(() => opened(largeSourceOf(id)).length > 1);
  expect(opened(largeSourceOf(id)).at(-1)).toBe('rtsp://viewer:new@192.0.2.7/main?token=t0ken');
  // On another machine it needs a login of its own.
  await bench.passing(bench.app.handlers['cameras.update']({ id, settings: { largeUrl: 'rtsp://192.0.2.8/main' } }));
  await bench.until(() => opened(largeSourceOf(id)).length > 2);
  expect(opened(largeSourceOf(id)).at(-1)).toBe('rtsp://192.0.2.8/main');

  for (const largeUrl of ['rtsp://169.254.169.254/main', 'gopher://192.0.2.7/', 'test:', small]) {
    await expect(add({ largeUrl }), largeUrl).rejects.toMatchObject({ kind: 'bad-input' });
  }
});

test('many cameras get their pair by the form of their addresses, or lose it', async () => {
  await start();
  const known = await add({ url: 'rtsp://u:p@192.0.2.7/stream1', largeUrl: null });
  const unknown = await add({ url: 'rtsp://192.0.2.8/live', largeUrl: null, name: 'Yard' });
  const change = (streams: 'pair' | 'none') =>
    bench.passing(bench.app.handlers['cameras.updateMany']({ ids: [known, unknown], settings: { streams } }));
  const { changed, failed } = await change('pair');
  expect(changed).toMatchObject([
    { url: 'rtsp://192.0.2.7/stream2', largeUrl: 'rtsp://192.0.2.7/stream1', login: 'kept' },
  ]);
  expect(failed).toMatchObject([{ id: unknown, error: { kind: 'bad-input' } }]);
  expect((await change('none')).changed).toMatchObject([{ largeUrl: null }, { largeUrl: null }]);
});
