import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { silenceFfmpeg } from './ffmpeg.ts';
import { NetworkSource } from './network-source.ts';
import { redirected } from './redirects.ts';
import { demoFile } from './testing/ingest-probe.ts';

silenceFfmpeg();

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listening(server: Server): Promise<string> {
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

/** Answers every RTSP request with a redirect; `heard` is all that was sent to it. */
async function rtspLeading(to: (place: string) => string): Promise<{ place: string; heard: string[] }> {
  const heard: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      heard.push(data.toString('latin1'));
      const sequence = /CSeq: *(\d+)/i.exec(data.toString('latin1'))?.[1] ?? '1';
      socket.write(`RTSP/1.0 302 Moved Temporarily\r\nCSeq: ${sequence}\r\nLocation: ${to(place)}\r\n\r\n`);
    });
  });
  const place = await listening(server);
  return { place, heard };
}

/** A place that nobody may be led to: how often somebody came. */
async function own(): Promise<{ place: string; port: number; visits: () => number }> {
  let visits = 0;
  const place = await listening(
    createServer((socket) => {
      visits += 1;
      socket.destroy();
    }),
  );
  return { place, port: Number(place.split(':')[1]), visits: () => visits };
}

const http = (answer: RequestListener): Promise<string> => listening(createHttpServer(answer));
const leading = (to: string): Promise<string> =>
  http((_request, response) => response.writeHead(302, { location: to }).end());

const openSource = (url: string, ownPorts: readonly number[] = []): Promise<NetworkSource> =>
  NetworkSource.open(url, {
    ...{ transport: 'auto', reach: { ownPorts, allowLoopback: true }, maxPixels: 1e8, onAnswer: () => undefined },
    signal: AbortSignal.timeout(10_000),
  });

test.each([
  ['rtsp://169.254.169.254/latest', /leads to rtsp:\/\/169\.254\.169\.254\/latest, .*metadata addresses/],
  ['rtsp://0xa9fea9fe/latest', /metadata addresses/],
  ['rtsp://[::ffff:169.254.1.1]/', /metadata addresses/],
  ['http://192.0.2.1/', /leads to http:\/\/192\.0\.2\.1\/, which is not followed/],
  ['file:///etc/passwd', /not followed/],
  ['', /leads to another address, which is not followed/],
])('an RTSP camera that leads to %j is refused in words, and nobody goes there', async (to, words) => {
  const { place, heard } = await rtspLeading(() => to);
  await expect(openSource(`rtsp://${place}/live`)).rejects.toThrow(words);
  expect(heard).toHaveLength(1);
  expect(heard[0]).toMatch(/^OPTIONS rtsp:\/\/127\.0\.0\.1:\d+\/live RTSP\/1\.0\r\n/);
});

test('nor does it lead to ourselves, round in a circle, or a password to another machine', async () => {
  const target = await own();
  const home = await rtspLeading(() => `rtsp://${target.place}/`);
  await expect(openSource(`rtsp://${home.place}/`, [target.port])).rejects.toThrow(/Nightshift itself/);
  const circle = await rtspLeading((place) => `rtsp://${place}/round`);
  await expect(openSource(`rtsp://${circle.place}/`)).rejects.toThrow(/leads on, again and again/);
  expect(circle.heard).toHaveLength(5);
  const thief = await rtspLeading(() => `rtsp://localhost:${String(target.port)}/?token=t0ken`);
  const told = await openSource(`rtsp://admin:s3cret@${thief.place}/`).catch((caught: unknown) => String(caught));
  expect(told).toMatch(/another machine, which is not given this camera's password/);
  expect(told).not.toMatch(/s3cret|t0ken/);
  expect(thief.heard.join()).not.toMatch(/s3cret|Authorization/);
  expect(target.visits()).toBe(0);
});

test('a web camera is followed to where it leads, by the same rules', async () => {
  const target = await own();
  const still = readFileSync(demoFile('night/still-01.jpg'));
  const place = await http((request, response) => {
    if (request.url !== '/stream?a=b') {
      response.writeHead(307, { location: '/stream?a=b' }).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=next' });
    for (let sent = 0; sent < 4; sent++) {
      response.write(`--next\r\nContent-Type: image/jpeg\r\nContent-Length: ${String(still.byteLength)}\r\n\r\n`);
      response.write(still);
      response.write('\r\n');
    }
    response.end();
  });
  const source = await openSource(`http://${place}/`);
  expect(source.facts).toMatchObject({ codec: 'mjpeg', transport: 'http' });
  source.close();

  const refused = async (to: string): Promise<string> =>
    openSource(`http://${await leading(to)}/mjpg`, [target.port]).then(
      () => 'opened',
      (caught: unknown) => (caught as Error).message,
    );
  expect(await refused('http://169.254.169.254/latest')).toMatch(/leads to http:.*metadata addresses/);
  expect(await refused(`http://${target.place}/`)).toMatch(/Nightshift itself/);
  expect(await refused(`rtsp://${target.place}/`)).toMatch(/not followed/);
  expect(target.visits()).toBe(0);
});

test('where a camera may lead', () => {
  expect(redirected('rtsp://u:p%40@cam/1', 'rtsp://cam:554/2?a=b')).toBe('rtsp://u:p%40@cam:554/2?a=b');
  expect(redirected('rtsp://u:p@cam/1', 'rtsps://cam/2')).toBe('rtsps://u:p@cam/2');
  expect(redirected('http://cam/1', '/2')).toBe('http://cam/2');
  expect(redirected('rtsp://cam/1', 'rtsp://x:y@other/2')).toBe('rtsp://other/2');
  expect(() => redirected('rtsps://cam/1', 'rtsp://cam/1')).toThrow(/not followed/);
  expect(() => redirected('https://cam/1', 'http://cam/1')).toThrow(/not followed/);
});

test('what a camera says of where it leads fills no notice and no terminal', () => {
  const words = (location: string): string => {
    try {
      return redirected('rtsp://cam/1', location);
    } catch (caught) {
      return (caught as Error).message;
    }
  };
  expect(words(`gopher://${'x'.repeat(60_000)}`)).toMatch(
    /^The camera leads to another address, which is not followed/,
  );
  expect(words('gopher://x/\u001b[2J')).toMatch(/leads to gopher:\/\/x\/.\[2J, which/);
  expect(words('gopher://x/\u001b[2J')).not.toContain('\u001b');
});
