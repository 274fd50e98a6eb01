import { afterEach, expect, test } from 'vitest';
import { cameraSettingsSchema, type CameraStatus } from '../../shared/domain/camera.ts';
import type { DecodeOrder } from '../../shared/engine/protocol.ts';
import { AppBench } from '../testing/app-bench.ts';

let bench: AppBench;
afterEach(() => bench.end());

/** What every opening of the camera carried. */
const orders = (id: string): readonly (DecodeOrder | undefined)[] =>
  bench.engines.all
    .flatMap((engine) => engine.received)
    .flatMap((message) => (message.type === 'open-camera' && message.cameraId === id ? [message.decode] : []));

async function gate(): Promise<string> {
  bench = new AppBench();
  await bench.start();
  const settings = cameraSettingsSchema.parse({ name: 'Gate', url: 'test:gate' });
  const { id } = await bench.passing(bench.app.handlers['cameras.add'](settings));
  await bench.until(() => orders(id).length === 1);
  return id;
}

test('the settings of all cameras and of one open them anew, and say why the processor decodes', async () => {
  const id = await gate();
  expect(orders(id)).toEqual([{ devices: [], why: 'no hardware decoder was allowed when Nightshift was started' }]);
  const setMode = (mode: 'auto' | 'off') => bench.passing(bench.app.handlers['system.setHardwareDecode']({ mode }));
  expect(await setMode('off')).toMatchObject({ mode: 'off', tried: [] });
  await bench.until(() => orders(id).length === 2);
  expect(orders(id)[1]?.why).toBe('hardware decoding is switched off');
  const settings = { hardwareDecode: 'off' } as const;
  await bench.passing(bench.app.handlers['cameras.update']({ id, settings }));
  await bench.until(() => orders(id).length === 3);
  expect(orders(id)[2]?.why).toBe('hardware decoding is switched off for this camera');
  const status = await bench.passing(bench.app.handlers['system.status'](undefined));
  expect(status.decoders).toEqual({ mode: 'off', tried: [], setAside: null });
});

test('what decodes a camera is in its status; where hardware fails a notice says so, until the camera is off', async () => {
  const id = await gate();
  const engine = bench.engines.latest();
  const isLive = ({ cameraId, state }: CameraStatus): boolean => cameraId === id && state === 'live';
  await bench.until(() => bench.events.some((one) => one.event === 'cameras.status' && one.payload.some(isLive)));
  engine.say({ type: 'camera-decoder', cameraId: id, opening: 1, decoder: { kind: 'hardware', hardware: 'vaapi' } });
  await bench.pass(100);
  expect((await bench.status(id)).decoder).toEqual({ kind: 'hardware', hardware: 'vaapi' });
  const failed = { kind: 'software', why: 'VAAPI failed: Input/output error', hardware: 'failed' } as const;
  engine.say({ type: 'camera-decoder', cameraId: id, opening: 1, decoder: failed });
  await bench.told('Gate is decoded by the processor: VAAPI failed: Input/output error.');
  expect((await bench.status(id)).decoder).toEqual(failed);
  await bench.passing(bench.app.handlers['cameras.update']({ id, settings: { enabled: false } }));
  const notices = await bench.passing(bench.app.handlers['notices.list'](undefined));
  expect(
    notices.filter(({ topic, clearedAtMs }) => topic.startsWith('camera-decoder') && clearedAtMs === null),
  ).toEqual([]);
});
