import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { EventMessage } from '../../shared/contract/events.ts';
import { encodePicture } from '../../shared/contract/media.ts';
import { NightshiftError } from '../../shared/errors.ts';
import { createToken } from './access.ts';
import type { FakeApp } from './testing/fake-app.ts';
import { createFakeApp, silentLog } from './testing/fake-app.ts';
import type { Gateway } from './gateway.ts';
import { startGateway } from './gateway.ts';
import { maxBodyBytes } from './request-body.ts';

const token = createToken();
let folder: string;
let rendererDir: string;
let app: FakeApp;
let gateway: Gateway;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'nightshift-gateway-'));
  rendererDir = path.join(folder, 'renderer');
  await mkdir(path.join(rendererDir, 'assets'), { recursive: true });
  await writeFile(path.join(rendererDir, 'index.html'), '<!doctype html><title>Nightshift</title>');
  await writeFile(path.join(rendererDir, 'assets', 'index-abc.js'), 'export {};');
  await writeFile(path.join(rendererDir, 'notes.exe'), 'not of the build');
  await mkdir(path.join(folder, 'renderer-private'));
  await writeFile(path.join(folder, 'secret.json'), '{"secret":true}');
  await writeFile(path.join(folder, 'renderer-private', 'secret.json'), '{"secret":true}');
  await symlink(path.join(folder, 'secret.json'), path.join(rendererDir, 'link.json'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

beforeEach(async () => {
  app = createFakeApp();
  app.answerWith('models.list', () => []);
  app.stills = (_kind, id, width) =>
    id === 'gone' ? null : { jpeg: new Uint8Array([0xff, 0xd8, width % 251]), immutable: id !== 'open' };
  gateway = await startGateway({ app, rendererDir, port: 0, token, log: silentLog });
});
afterEach(() => gateway.close());

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

function ask(
  method: string,
  target: string,
  headers: Record<string, string> = {},
  body?: string | Buffer,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port: gateway.port, path: target, method, headers, agent: false },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Bytes as they are, for requests that node's client would not send. */
async function askRaw(text: string): Promise<string> {
  const socket = connect(gateway.port, '127.0.0.1');
  socket.write(text);
  const parts: Buffer[] = [];
  for await (const part of socket as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts).toString('latin1');
}

const bearer = { authorization: `Bearer ${token}` };
const json = { 'content-type': 'application/json' };

function expectSecurityHeaders(headers: IncomingHttpHeaders): void {
  const csp = String(headers['content-security-policy']);
  expect(csp).toContain("default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'");
  expect(csp).toContain("frame-ancestors 'none'; base-uri 'none'; form-action 'none'");
  expect(csp).not.toContain('unsafe-eval');
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['referrer-policy']).toBe('no-referrer');
  expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
}

describe('who gets in', () => {
  const routes = [
    { method: 'GET', target: '/', right: 200 },
    { method: 'HEAD', target: '/', right: 200 },
    { method: 'GET', target: '/assets/index-abc.js', right: 200 },
    { method: 'GET', target: '/nothing.js', right: 404 },
    { method: 'GET', target: '/still/event/1?w=320', right: 200 },
    { method: 'GET', target: '/still/detection/1-2-3-4?w=160', right: 200 },
    { method: 'POST', target: '/api/models.list', right: 200 },
    { method: 'GET', target: '/api/models.list', right: 405 },
    { method: 'PUT', target: '/api/models.list', right: 405 },
    { method: 'OPTIONS', target: '/api/models.list', right: 405 },
    { method: 'POST', target: '/', right: 405 },
    { method: 'DELETE', target: '/still/event/1?w=320', right: 405 },
    { method: 'POST', target: '/api/no.such', right: 404 },
    { method: 'POST', target: '/api/constructor', right: 404 },
    { method: 'POST', target: '/api/__proto__', right: 404 },
  ];
  const tokens = [
    { name: 'no token', headers: () => ({}), known: false },
    { name: 'a wrong token', headers: () => ({ authorization: `Bearer ${createToken()}` }), known: false },
    { name: 'a prefix of the token', headers: () => ({ authorization: `Bearer ${token.slice(0, 20)}` }), known: false },
    { name: 'a wrong cookie', headers: () => ({ cookie: `nightshift-${String(gateway.port)}=x` }), known: false },
    { name: "another port's cookie", headers: () => ({ cookie: `nightshift-1=${token}` }), known: false },
    { name: 'the token', headers: () => bearer, known: true },
    {
      name: 'the cookie',
      headers: () => ({ cookie: `theme=dark; nightshift-${String(gateway.port)}=${token}` }),
      known: true,
    },
  ];
  const hosts = [
    { name: '127.0.0.1', value: () => `127.0.0.1:${String(gateway.port)}`, allowed: true },
    { name: 'localhost', value: () => `localhost:${String(gateway.port)}`, allowed: true },
    { name: 'a rebound name', value: () => `evil.example:${String(gateway.port)}`, allowed: false },
    { name: 'another port', value: () => '127.0.0.1:1', allowed: false },
    { name: 'no port', value: () => '127.0.0.1', allowed: false },
    { name: 'a longer name', value: () => `127.0.0.1.evil.example:${String(gateway.port)}`, allowed: false },
  ];
  const origins = [
    { name: 'none', value: () => null, allowed: true },
    { name: 'its own', value: (host: string) => `http://${host}`, allowed: true },
    { name: 'null', value: () => 'null', allowed: false },
    { name: "another site's", value: () => 'https://evil.example', allowed: false },
    { name: 'https of itself', value: (host: string) => `https://${host}`, allowed: false },
    { name: 'another port of this machine', value: () => 'http://127.0.0.1:1', allowed: false },
    { name: 'a longer one', value: (host: string) => `http://${host}.evil.example`, allowed: false },
  ];

  it.each(routes)('$method $target: exact Host, exact Origin and the token, else 401 or 403', async (route) => {
    for (const origin of origins) {
      for (const host of hosts) {
        for (const who of tokens) {
          const hostValue = host.value();
          const originValue = origin.value(hostValue);
          const answer = await ask(
            route.method,
            route.target,
            { ...json, ...who.headers(), host: hostValue, ...(originValue === null ? {} : { origin: originValue }) },
            route.method === 'POST' ? 'null' : undefined,
          );
          const expected = !host.allowed || !origin.allowed ? 403 : !who.known ? 401 : route.right;
          expect(answer.status, `host ${host.name}, origin ${origin.name}, ${who.name}`).toBe(expected);
          expectSecurityHeaders(answer.headers);
        }
      }
    }
  });

  it('counts whom it turned away', async () => {
    await ask('GET', '/');
    await ask('GET', '/', { ...bearer, host: 'evil.example' });
    await ask('GET', '/', bearer);
    expect(gateway.counts().refused).toBe(2);
  });

  it('refuses a request without Host, and what is no HTTP, with the same headers', async () => {
    const noHost = await askRaw(`GET / HTTP/1.1\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`);
    expect(noHost).toMatch(/^HTTP\/1\.1 403 /);
    const noise = await askRaw('hello\r\n\r\n');
    expect(noise).toMatch(/^HTTP\/1\.1 400 /);
    const noSocket = await askRaw(
      `GET /events HTTP/1.1\r\nHost: 127.0.0.1:${String(gateway.port)}\r\nAuthorization: Bearer ${token}\r\n` +
        'Connection: upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    expect(noSocket).toMatch(/^HTTP\/1\.1 400 /);
    for (const answer of [noHost, noise, noSocket]) expect(answer).toContain("default-src 'none'");
  });

  it('listens on the loopback address alone', async () => {
    expect(gateway.url).toBe(`http://127.0.0.1:${String(gateway.port)}/?token=${token}`);
    const socket = connect(gateway.port, '::1');
    await expect(once(socket, 'connect')).rejects.toThrow(/ECONNREFUSED|EADDRNOTAVAIL/);
  });
});

describe('the first visit', () => {
  it('turns the token of the address into a strict, script-proof cookie', async () => {
    const answer = await ask('GET', `/?token=${token}`);
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe('/');
    expect(answer.headers['set-cookie']).toEqual([
      `nightshift-${String(gateway.port)}=${token}; HttpOnly; SameSite=Strict; Path=/`,
    ]);
    expectSecurityHeaders(answer.headers);
    const page = await ask('GET', '/', { cookie: String(answer.headers['set-cookie']?.[0]).split(';')[0] ?? '' });
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.body.toString()).toContain('<title>Nightshift</title>');
    expect(page.headers['content-security-policy']).toContain(
      `connect-src 'self' ws://127.0.0.1:${String(gateway.port)};`,
    );
  });

  it('lets a pass in once; what anybody reads in the arguments of a program is then worth nothing', async () => {
    const { pathname, search } = new URL(gateway.createPassUrl());
    const pass = search.slice('?token='.length);
    expect(pass).not.toBe(token);
    expect((await ask('POST', '/api/models.list', { ...json, authorization: `Bearer ${pass}` })).status).toBe(401);
    const first = await ask('GET', pathname + search);
    expect(first.headers['set-cookie']?.[0]).toContain(token);
    const second = await ask('GET', pathname + search);
    expect(second.status).toBe(401);
    expect(second.headers['set-cookie']).toBeUndefined();
  });

  it.each([
    ['a wrong token', () => `/?token=${createToken()}`, {}, 401],
    ['an empty token', () => '/?token=', {}, 401],
    ['another path', () => `/index.html?token=${token}`, {}, 401],
    ['a rebound Host', () => `/?token=${token}`, { host: 'evil.example' }, 403],
    ["another page's Origin", () => `/?token=${token}`, { origin: 'https://evil.example' }, 403],
  ])('gives no cookie for %s', async (_name, target, headers, status) => {
    const answer = await ask('GET', target(), headers);
    expect(answer.status).toBe(status);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });
});

describe('calls', () => {
  const call = (name: string, body: string | Buffer, headers: Record<string, string> = json): Promise<Answer> =>
    ask('POST', `/api/${name}`, { ...bearer, ...headers }, body);

  it('parses, handles and answers with a Result', async () => {
    app.answerWith('jobs.pause', (input) => ({ paused: input }));
    const answer = await call('jobs.pause', '{"id":"j1"}', { 'content-type': 'application/json; charset=utf-8' });
    expect(answer.status).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(JSON.parse(answer.body.toString())).toEqual({ ok: true, value: { paused: { id: 'j1' } } });
    expect(app.asked).toEqual([{ name: 'jobs.pause', input: { id: 'j1' } }]);
  });

  it('takes an empty body where a call has no input', async () => {
    expect((await call('models.list', '')).status).toBe(200);
  });

  it('asks no handler where the input is wrong, and says what', async () => {
    const answer = await call('jobs.pause', '{"id":"","extra":1}');
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body.toString())).toMatchObject({
      ok: false,
      error: { kind: 'bad-input', where: 'jobs.pause' },
    });
    expect((await call('jobs.pause', '{"id":')).status).toBe(400);
    expect(app.asked).toEqual([]);
  });

  it('takes JSON only', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', '']) {
      expect((await call('models.list', 'null', { 'content-type': type })).status).toBe(415);
    }
    expect(app.asked).toEqual([]);
  });

  it('refuses a long body, announced or not', async () => {
    const long = Buffer.alloc(maxBodyBytes + 1, 0x20);
    const announced = await call('models.list', long);
    expect(announced.status).toBe(413);
    expectSecurityHeaders(announced.headers);
    expect((await call('models.list', long, { ...json, 'transfer-encoding': 'chunked' })).status).toBe(413);
    const longest = Buffer.alloc(maxBodyBytes, 0x20);
    longest.write('null');
    expect((await call('models.list', longest)).status).toBe(200);
  });

  it.each([
    ['not-found', 404],
    ['conflict', 409],
    ['engine-lost', 503],
    ['no-space', 507],
  ] as const)('gives %s the status %i', async (kind, status) => {
    app.answerWith('models.list', () => {
      throw new NightshiftError({ kind, message: 'it is so' });
    });
    const answer = await call('models.list', 'null');
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body.toString())).toEqual({ ok: false, error: { kind, message: 'it is so' } });
  });

  it('answers a bug as internal, logs its stack and lives on', async () => {
    const error = vi.spyOn(silentLog, 'error');
    app.answerWith('models.list', () => {
      throw new TypeError('x is not a function');
    });
    expect((await call('models.list', 'null')).status).toBe(500);
    expect(JSON.stringify(error.mock.calls)).toContain('gateway.test.ts');
    error.mockRestore();
    app.answerWith('models.list', () => []);
    expect((await call('models.list', 'null')).status).toBe(200);
  });
});

describe('files of the page', () => {
  const get = (target: string, headers: Record<string, string> = {}): Promise<Answer> =>
    ask('GET', target, { ...bearer, ...headers });

  it('gives each its type; hashed names may be kept', async () => {
    const script = await get('/assets/index-abc.js');
    expect(script.headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(script.headers['cache-control']).toContain('immutable');
    expect((await get('/index.html')).headers['cache-control']).toBe('no-cache');
  });

  it.each([
    '/../secret.json',
    '/%2e%2e/secret.json',
    '/..%2fsecret.json',
    '/assets/..%2f..%2fsecret.json',
    '/assets/%2e%2e/%2e%2e/secret.json',
    '/..%5csecret.json',
    '/../renderer-private/secret.json',
    '/..%2frenderer-private%2fsecret.json',
    '/link.json',
    '/%00index.html',
    '/%ff.html',
    '/assets',
    '/assets/',
    '/notes.exe',
    '//etc/passwd',
  ])('does not serve %s', async (target) => {
    const answer = await get(target);
    expect(answer.status).toBe(404);
    expect(answer.body.toString()).not.toContain('secret":true');
    const raw = await askRaw(
      `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${String(gateway.port)}\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
    );
    expect(raw).toMatch(/^HTTP\/1\.1 404 /);
  });

  it('answers ranges', async () => {
    const part = await get('/index.html', { range: 'bytes=2-8' });
    expect(part.status).toBe(206);
    expect(part.body.toString()).toBe('doctype');
    expect(part.headers['content-range']).toBe('bytes 2-8/40');
    const beyond = await get('/index.html', { range: 'bytes=400-' });
    expect(beyond.status).toBe(416);
    expect(beyond.headers['content-range']).toBe('bytes */40');
  });

  it('serves no page where the host has none', async () => {
    const bare = await startGateway({ app, rendererDir: null, port: 0, token, log: silentLog });
    const answer = await fetch(`http://127.0.0.1:${String(bare.port)}/`, { headers: bearer });
    expect(answer.status).toBe(404);
    await bare.close();
  });
});

describe('stills', () => {
  const get = (target: string): Promise<Answer> => ask('GET', target, bearer);

  it('gives the picture, kept only where it cannot change', async () => {
    const seen: unknown[] = [];
    app.stills = (...asked) => {
      seen.push(asked);
      return { jpeg: new Uint8Array([0xff, 0xd8]), immutable: asked[1] !== 'open' };
    };
    const event = await get('/still/event/17?w=640');
    expect(event.status).toBe(200);
    expect(event.headers['content-type']).toBe('image/jpeg');
    expect([...event.body]).toEqual([0xff, 0xd8]);
    expect(event.headers['cache-control']).toBe('private, max-age=600');
    expect((await get('/still/detection/open?w=160')).headers['cache-control']).toBe('no-store');
    await get('/still/detection/a%2Fb%201?w=160');
    expect(seen).toEqual([
      ['event', '17', 640],
      ['detection', 'open', 160],
      ['detection', 'a/b 1', 160],
    ]);
  });

  it('refuses other widths, addresses and what is gone', async () => {
    for (const target of [
      '/still/event/1',
      '/still/event/1?w=161',
      '/still/event/1?w=0160',
      '/still/event/%ff?w=160',
    ]) {
      expect((await get(target)).status).toBe(400);
    }
    for (const target of ['/still/event/gone?w=160', '/still/other/1?w=160', '/still/event/1/2?w=160']) {
      expect((await get(target)).status).toBe(404);
    }
    app.stills = () => {
      throw new NightshiftError({ kind: 'engine-lost', message: 'The engine restarts.' });
    };
    expect((await get('/still/event/1?w=160')).status).toBe(503);
  });
});

/** Opens a socket, or the status with which the upgrade was refused. */
function openSocket(target: string, headers: Record<string, string>): Promise<WebSocket | number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${String(gateway.port)}${target}`, { headers });
    socket.on('open', () => {
      resolve(socket);
    });
    socket.on('unexpected-response', (_request, response) => {
      expectSecurityHeaders(response.headers);
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    socket.on('error', reject);
  });
}

async function connected(target: string): Promise<WebSocket> {
  const socket = await openSocket(target, bearer);
  if (typeof socket === 'number') throw new Error(`refused with ${String(socket)}`);
  return socket;
}

const notice = (id: number): EventMessage => ({ event: 'cameras.changed', payload: { cameraId: String(id) } });

describe('sockets', () => {
  it.each(['/events', '/media'])('%s: the same checks as any request', async (target) => {
    const port = String(gateway.port);
    expect(await openSocket(target, {})).toBe(401);
    expect(await openSocket(target, { authorization: `Bearer ${createToken()}` })).toBe(401);
    expect(await openSocket(target, { ...bearer, host: `evil.example:${port}` })).toBe(403);
    expect(await openSocket(target, { ...bearer, origin: 'https://evil.example' })).toBe(403);
    expect(await openSocket(target, { ...bearer, origin: 'http://127.0.0.1:1' })).toBe(403);
    expect(await openSocket(`${target}/more`, bearer)).toBe(404);
    expect(await openSocket('/', bearer)).toBe(404);
    const own = await openSocket(target, {
      cookie: `nightshift-${port}=${token}`,
      origin: `http://127.0.0.1:${port}`,
    });
    expect(own).toBeInstanceOf(WebSocket);
  });

  it('carries every event to every listener', async () => {
    const [one, two] = [await connected('/events'), await connected('/events')];
    const heard = Promise.all([once(one, 'message'), once(two, 'message')]);
    await vi.waitUntil(() => gateway.counts().clients === 2);
    app.emit(notice(7));
    for (const message of await heard) expect(JSON.parse(String(message[0]))).toEqual(notice(7));
    one.close();
    await vi.waitUntil(() => gateway.counts().clients === 1);
  });

  it('lets go of a listener that stopped reading, with what waited for it', async () => {
    const [stuck, reading] = [await connected('/events'), await connected('/events')];
    await vi.waitUntil(() => gateway.counts().clients === 2);
    stuck.pause();
    let heard = 0;
    reading.on('message', () => heard++);
    const large: EventMessage = { event: 'cameras.changed', payload: { cameraId: 'x'.repeat(256 * 1024) } };
    let sent = 0;
    while (gateway.counts().closedSlow === 0 && sent < 400) {
      app.emit(large);
      sent++;
      await vi.waitUntil(() => heard === sent, { interval: 1 });
    }
    expect(gateway.counts()).toMatchObject({ clients: 1, closedSlow: 1 });
  });

  it('refuses sockets above its limit', async () => {
    const opened: (WebSocket | number)[] = [];
    for (let i = 0; i < 65; i++) opened.push(await openSocket('/events', bearer));
    expect(opened.filter((socket) => socket === 503)).toHaveLength(1);
    expect(opened.at(-1)).toBe(503);
  });

  it('carries pictures out and media requests in, and ends the viewer with the socket', async () => {
    const socket = await connected('/media');
    socket.binaryType = 'arraybuffer';
    await vi.waitUntil(() => app.viewers.length === 1);
    const viewer = app.viewers[0];
    socket.send('{"type":"watch","cameraId":"c1","maxFps":10}');
    await vi.waitUntil(() => viewer?.requests.length === 1);
    const picture = encodePicture(
      { cameraId: 'c1', capturedAtMs: 5, width: 4, height: 3, analysed: true },
      new Uint8Array([1, 2, 3]),
    );
    const heard = once(socket, 'message');
    viewer?.deliver(picture);
    const [data] = (await heard) as [ArrayBuffer];
    expect(new Uint8Array(data)).toEqual(picture);
    socket.close();
    await vi.waitUntil(() => viewer?.closed === true);
    expect(viewer?.requests).toEqual([{ type: 'watch', cameraId: 'c1', maxFps: 10 }]);
  });

  it.each(['{"type":"watch"}', '{"type":"ack","cameraId":"c","more":1}', 'no json', '{"type":"steal","cameraId":"c"}'])(
    'ends a viewer that sends %s',
    async (text) => {
      const socket = await connected('/media');
      socket.send(text);
      const [code] = (await once(socket, 'close')) as [number];
      expect(code).toBe(1008);
      await vi.waitUntil(() => app.viewers[0]?.closed === true);
      expect(app.viewers[0]?.requests).toEqual([]);
    },
  );

  it('ends everything on close', async () => {
    const [events, media] = [await connected('/events'), await connected('/media')];
    const ended = Promise.all([once(events, 'close'), once(media, 'close')]);
    await gateway.close();
    await ended;
    expect(app.viewers[0]?.closed).toBe(true);
    expect(app.listeners.size).toBe(0);
    await expect(fetch(gateway.url)).rejects.toThrow();
  });

  it('says which port is taken', async () => {
    await expect(startGateway({ app, rendererDir, port: gateway.port, token, log: silentLog })).rejects.toMatchObject({
      kind: 'conflict',
      where: `127.0.0.1:${String(gateway.port)}`,
    });
  });
});
