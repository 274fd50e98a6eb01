import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import type { IngestOptions } from '../create-ingest.ts';
import { fakeOrder, type FakeDevice } from '../testing/fake-hardware.ts';
import { demoFile, IngestProbe } from '../testing/ingest-probe.ts';
import { httpCamera, sendingPictures } from '../testing/mjpeg-camera.ts';

const url = pathToFileURL(demoFile('camera.mp4')).href;
const byDevice = { kind: 'hardware', hardware: 'vaapi' };
const probeOf = (options: Partial<IngestOptions> = {}): IngestProbe =>
  new IngestProbe({ workerFile: new URL('../testing/hardware-worker.ts', import.meta.url), ...options });

/** Everything that was told of what decodes the camera, in order. */
const decoders = (probe: IngestProbe) =>
  probe.news.flatMap((news) => (news.type === 'camera-opened' || news.type === 'camera-decoder' ? [news.decoder] : []));

test('a camera that hardware decodes says so, and shows what it showed before', async () => {
  await using probe = probeOf();
  probe.open(url, { cameraId: 'hardware', decode: fakeOrder('works') });
  probe.open(url, { cameraId: 'software' });
  await probe.until(() => ['hardware', 'software'].every((cameraId) => probe.of(cameraId).length >= 3));
  const hashes = (cameraId: string): string[] =>
    probe
      .of(cameraId)
      .slice(0, 3)
      .map(({ hash }) => hash);
  expect(hashes('hardware')).toEqual(hashes('software'));
  expect(decoders(probe)).toEqual(
    expect.arrayContaining([byDevice, { kind: 'software', why: 'hardware was not asked for', hardware: 'not-asked' }]),
  );
});

test.each(['cannot-be-opened', 'fails-at-1'] as const)(
  '%s: the camera opens all the same',
  async (device: FakeDevice) => {
    await using probe = probeOf();
    probe.open(url, { decode: fakeOrder(device) });
    await probe.until(() => probe.arrived.length >= 2);
    expect(decoders(probe)).toMatchObject([{ kind: 'software', hardware: 'failed' }]);
    expect(probe.told('camera-closed')).toEqual([]);
  },
);

test('a device that is lost in the middle costs a network camera nothing, and is told', async () => {
  const { host, end } = await httpCamera(sendingPictures(readFileSync(demoFile('night/still-01.jpg')), 12));
  onTestFinished(end);
  await using probe = probeOf();
  probe.open(`http://${host}/mjpg`, { analysisFps: 60, decode: fakeOrder('fails-at-3') });
  await probe.closed('camera');
  expect(decoders(probe)).toMatchObject([null, byDevice, { kind: 'software', hardware: 'failed' }]);
  expect(probe.told('camera-closed')[0]?.reason).toMatch(/ended the stream/);
  expect(probe.arrived.length).toBeGreaterThan(4);
});

test('a driver that hangs costs its thread, not the camera: it is given up, and may be opened anew', async () => {
  const { host, end } = await httpCamera(sendingPictures(readFileSync(demoFile('night/still-01.jpg')), 500));
  onTestFinished(end);
  await using probe = probeOf({ hungMs: 1_000 });
  probe.open(`http://${host}/mjpg`, { decode: fakeOrder('hangs-at-3') });
  expect(await probe.closed('camera')).toMatchObject({
    requested: false,
    reason: 'The hardware decoder hangs: VAAPI did not answer for 1 s.',
  });
  expect(decoders(probe).at(-1)).toMatchObject({ kind: 'software', hardware: 'hung' });
  const arrived = probe.arrived.length;
  probe.open(`http://${host}/mjpg`);
  await probe.until(() => probe.arrived.length > arrived);
  probe.ingest.closeCamera('camera');
});
