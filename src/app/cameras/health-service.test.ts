import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { coveredFigures, drawnFigures, drawnHour, drawnLayout } from '../../core/testing/drawn-figures.ts';
import { cameraSettingsSchema } from '../../shared/domain/camera.ts';
import type { CameraHealthView, CameraTrouble, PictureFigures } from '../../shared/domain/camera-health.ts';
import { AppBench } from '../testing/app-bench.ts';

let bench: AppBench;
afterEach(() => bench.end());

const hourMs = 3_600_000;
const everything = { jobId: null, cameraId: null, sinceMs: null, untilMs: null };

async function add(change: Record<string, unknown> = {}): Promise<string> {
  const settings = cameraSettingsSchema.parse({ name: 'Gate', url: 'test:gate', analysisFps: 0.2, ...change });
  const { id } = await bench.passing(bench.app.handlers['cameras.add'](settings));
  await bench.until(() => bench.engines.latest().received.some(({ type }) => type === 'open-camera'));
  await bench.pass(2_000);
  return id;
}

const troubleOf = async (cameraId: string): Promise<CameraTrouble | null> => (await bench.status(cameraId)).health;

/** The engine measures a picture a second. */
async function show(cameraId: string, seconds: number, figures: PictureFigures = drawnFigures()): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    bench.engines.latest().say({ type: 'camera-figures', cameraId, capturedAtMs: Date.now(), figures });
    await bench.pass(1_000);
  }
}

const view = (cameraId: string): Promise<CameraHealthView> =>
  bench.passing(bench.app.handlers['cameras.health']({ cameraId }));
const openNotices = async (): Promise<readonly string[]> =>
  (await bench.passing(bench.app.handlers['notices.list'](undefined)))
    .filter(({ clearedAtMs }) => clearedAtMs === null)
    .map(({ text }) => text);
const page = async (): Promise<string> => {
  const written = bench.app.handlers['reports.export']({ scope: everything, format: 'html', file: null });
  return readFileSync((await bench.passing(written)).file, 'utf8');
};

test('a covered camera is flagged, reported with two pictures, accepted with one call, and stays so over a restart', async () => {
  bench = new AppBench({ snapshot: () => new Uint8Array([0xff, 0xd8, 0xff, 0xd9]) });
  await bench.start();
  const id = await add();
  await show(id, 40);
  expect(await troubleOf(id)).toBeNull();
  expect(await page()).not.toContain('Cameras to look after');
  const begunMs = Date.now();
  await show(id, 45, coveredFigures);
  expect(await troubleOf(id)).toMatchObject({
    kind: 'covered',
    says: expect.stringMatching(/^shows nothing/) as string,
  });
  expect(Math.abs(((await troubleOf(id))?.sinceMs ?? 0) - begunMs)).toBeLessThan(3_000);
  expect(await openNotices()).toEqual(['Gate shows nothing: something covers it, or its light is gone.']);
  const seen = await view(id);
  expect(seen).toMatchObject({ cameraId: id, trouble: { kind: 'covered' }, drift: null, latest: { brightness: 9 } });
  expect(seen.pictures.accepted).toMatch(/^data:image\/jpeg;base64,/);
  expect(seen.pictures.now).toMatch(/^data:image\/jpeg;base64,/);
  expect(JSON.stringify(seen)).not.toContain('layout');
  const report = await page();
  expect(report).toContain('Cameras to look after');
  expect(report.match(/<img src="data:image\/jpeg;base64,/g)).toHaveLength(2);
  const preview = await bench.passing(bench.app.handlers['reports.preview'](everything));
  expect(preview.health).toMatchObject([{ camera: 'Gate', says: [expect.stringContaining('shows nothing')] }]);

  const accepted = await bench.passing(bench.app.handlers['cameras.acceptNormal']({ cameraId: id }));
  expect(accepted).toMatchObject({ trouble: null, pictures: { accepted: null } });
  expect(await troubleOf(id)).toBeNull();
  await show(id, 60, coveredFigures);
  expect(await troubleOf(id)).toBeNull();
  expect(await openNotices()).toEqual([]);
  await bench.close();
  await bench.start();
  expect((await view(id)).acceptedAtMs).toBe(Math.round(accepted.acceptedAtMs ?? 0));
  await bench.passing(bench.app.handlers['cameras.remove']({ id }));
  await bench.pass(1_000);
  expect(readdirSync(join(bench.dataDir, 'profiles'))).toEqual([]);
  await expect(bench.passing(bench.app.handlers['cameras.health']({ cameraId: id }))).rejects.toMatchObject({
    kind: 'not-found',
  });
});

test('a camera that is switched off is in no trouble, a new address shows a new scene, and an hour goes on after a restart', async () => {
  bench = new AppBench();
  await bench.start();
  // A camera that nobody added, of a load test.
  await show('load-test-1', 2);
  expect(await bench.passing(bench.store.call('cameras.accepted', undefined))).toEqual([]);
  const id = await add();
  const other = drawnFigures({ layout: drawnLayout(7) });
  await show(id, 30);
  await show(id, 40, other);
  expect((await troubleOf(id))?.kind).toBe('turned');
  const update = (settings: Record<string, unknown>) =>
    bench.passing(bench.app.handlers['cameras.update']({ id, settings }));
  await update({ enabled: false });
  expect(await troubleOf(id)).toBeNull();
  await bench.pass(125_000);
  expect(await openNotices()).toEqual([]);
  await update({ enabled: true, url: 'test:yard' });
  await bench.pass(2_000);
  const newMs = Date.now();
  await show(id, 60, other);
  expect(await troubleOf(id)).toBeNull();
  await bench.close();
  await bench.start();
  await show(id, 20, other);
  await bench.close();
  await bench.start({ openCameras: false });
  const range = { cameraId: id, fromMs: newMs - hourMs, toMs: newMs + hourMs };
  const rows = await bench.passing(bench.store.call('cameras.profiles', range));
  expect(rows.reduce((sum, { samples }) => sum + samples, 0)).toBe(80);
  expect(rows.at(-1)).toMatchObject({ brightness: 120, spread: 160, layout: other.layout });
});

test('a week that is another one than the accepted week is a line in the report and a notice, until it is accepted', async () => {
  bench = new AppBench();
  await bench.start();
  const id = await add();
  await show(id, 2);
  const weekMs = 168 * hourMs;
  const acceptedMs = Math.floor(Date.now() / hourMs) * hourMs - 2 * weekMs;
  await bench.close();
  await bench.start({ openCameras: false });
  const bright = { brightnessBins: [...new Array<number>(15).fill(0), 3600] };
  const saved = Array.from({ length: 2 * 168 }, (_, hour) =>
    bench.store.call('cameras.saveProfile', {
      cameraId: id,
      profile: drawnHour(acceptedMs + hour * hourMs, hour < 168 ? {} : bright),
    }),
  );
  await bench.passing(Promise.all(saved));
  await bench.passing(bench.store.call('cameras.accept', { cameraId: id, acceptedMs }));
  await bench.close();
  await bench.start();
  await bench.pass(2_000);
  expect((await troubleOf(id))?.kind).toBe('changed');
  const told = 'Gate is another one than in the accepted week: the brightness of its pictures (PSI ';
  expect(await openNotices()).toEqual([expect.stringContaining(told)]);
  const seen = await view(id);
  expect(seen.drift?.changed).toMatchObject([{ figure: 'brightness' }]);
  expect(seen.drift?.changed[0]?.psi).toBeGreaterThan(0.25);
  expect(seen.accepted).toHaveLength(24);
  expect(seen.accepted[5]).toMatchObject({ hour: 5, brightness: 120, sharpness: expect.closeTo(0.98, 6) as number });
  expect(await page()).toContain('Gate</b> is another one than in the accepted week');
  await bench.passing(bench.app.handlers['cameras.acceptNormal']({ cameraId: id }));
  expect(await troubleOf(id)).toBeNull();
  await bench.pass(1_000);
  expect(await openNotices()).toEqual([]);
  expect(await page()).not.toContain('Cameras to look after');
});
