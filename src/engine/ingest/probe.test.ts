import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { expect, test } from 'vitest';
import type { ProbeRequest } from './messages.ts';
import { atAddress, openRules, resolveHost } from './resolve-host.ts';
import { demoFile, IngestProbe } from './testing/ingest-probe.ts';

const order = (url: string, change: Partial<ProbeRequest> = {}): ProbeRequest => ({
  ...{ type: 'probe', url, transport: 'auto', reach: openRules, limitMs: 10_000, maxWidth: 320 },
  ...change,
});

test('a camera is looked at: size, codec, rate, a picture, and what its decoding costs', async () => {
  await using probe = new IngestProbe();
  const found = await probe.ingest.look(order('test:?fps=20&width=640&height=480'));
  expect(found).toMatchObject({ width: 640, height: 480, transport: null });
  expect(found.fps).toBeCloseTo(20, 0);
  expect(found.decodeCoreMsPerSecond).toBeGreaterThan(0);
  expect([...found.jpeg.subarray(0, 2)]).toEqual([0xff, 0xd8]);
});

test('a camera that falls silent behind its first pictures is not waited for, and the next one can be looked at', async () => {
  const still = readFileSync(demoFile('night/still-01.jpg'));
  const hosts: (string | undefined)[] = [];
  const camera = createHttpServer((request, response) => {
    hosts.push(request.headers.host);
    response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=next' });
    for (let sent = 0; sent < 4; sent++) {
      response.write(`--next\r\nContent-Type: image/jpeg\r\nContent-Length: ${String(still.byteLength)}\r\n\r\n`);
      response.write(still);
      response.write('\r\n');
    }
  }).listen(0, '127.0.0.1');
  await once(camera, 'listening');
  const port = String((camera.address() as AddressInfo).port);
  try {
    await using probe = new IngestProbe();
    const found = await probe.ingest.look(order(`http://localhost:${port}/mjpg`));
    expect(found).toMatchObject({ codec: 'mjpeg', transport: 'http' });
    expect(found.jpeg.byteLength).toBeGreaterThan(1_000);
    await probe.ingest.look(order('test:?fps=20'));
    // Connected to the address that was checked, by the name that was asked for.
    expect(hosts).toEqual([`localhost:${port}`]);
  } finally {
    camera.closeAllConnections();
    camera.close();
  }
});

test('what is wrong comes in words, in time, and without the password; others are looked at meanwhile', async () => {
  await using probe = new IngestProbe();
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const port = String((silent.address() as AddressInfo).port);
  try {
    const reasons = await Promise.all(
      [
        order(`rtsp://u:s3cret@127.0.0.1:${port}/x`, { limitMs: 1_500 }),
        order('rtsp://u:s3cret@127.0.0.1:1/x'),
        order('file:/nowhere.mp4'),
        order('test:?fps=-1'),
      ].map((asked) =>
        probe.ingest.look(asked).then(
          () => 'found',
          (caught: unknown) => (caught as Error).message,
        ),
      ),
    );
    expect(reasons).toEqual([
      expect.stringMatching(/did not answer within|could not be looked at in time/),
      expect.stringMatching(/refused/),
      expect.stringMatching(/not there/),
      expect.stringMatching(/fps must be/),
    ]);
    expect(reasons.join()).not.toContain('s3cret');
  } finally {
    silent.close();
  }
});

test('a name is checked by where it leads, once, and what is opened is that address', async () => {
  const { signal } = new AbortController();
  const rules = { ownPorts: [8700], allowLoopback: false };
  await expect(resolveHost('http://localhost:8080/x', rules, signal)).rejects.toThrow(/--allow-loopback/);
  await expect(resolveHost('rtsp://localhost:8700/x', rules, signal)).rejects.toThrow(/Nightshift itself/);
  await expect(resolveHost('http://169.254.169.254/x', openRules, signal)).rejects.toThrow(/Link-local/);
  expect(await resolveHost('rtsp://localhost:8554/x', rules, signal)).toContain('127.0.0.1');
  expect(atAddress('rtsp://u:p@cam.local:554/live?a=b', '10.0.0.7')).toEqual({
    url: 'rtsp://u:p@10.0.0.7:554/live?a=b',
    hostHeader: null,
  });
  expect(atAddress('http://cam.local:81/mjpg', '2001:db8::7')).toEqual({
    url: 'http://[2001:db8::7]:81/mjpg',
    hostHeader: 'cam.local:81',
  });
  expect(atAddress('https://cam.local/mjpg', '10.0.0.7')).toEqual({ url: 'https://cam.local/mjpg', hostHeader: null });
});
