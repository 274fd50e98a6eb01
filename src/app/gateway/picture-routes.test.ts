import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { PictureReview } from '../../shared/domain/picture-api.ts';
import { NightshiftError } from '../../shared/errors.ts';
import type { PictureApi } from '../infer/picture-api.ts';
import { mostPictureBytes, type PictureOptions, type PictureOutcome } from '../infer/picture-request.ts';
import { createToken } from './access.ts';
import { startGateway, type Gateway } from './gateway.ts';
import { createFakeApp, silentLog } from './testing/fake-app.ts';

const token = createToken();
const jpeg = { authorization: `Bearer ${token}`, 'content-type': 'image/jpeg' };
const answer = {
  detections: [{ class: 'person', score: 0.9, box: [1, 2, 3, 4] }],
  width: 640,
  height: 480,
  batch: 2,
  queuedMs: 20,
  runMs: 10,
  model: 'nanodet-g',
  tier: 'normal',
} as const;
const pending: PictureReview = {
  id: 'r1',
  state: 'pending',
  createdAtMs: 5,
  model: 'nanodet-g',
  provisional: { ...answer, tier: 'fast' },
  final: null,
  changed: null,
  reason: null,
  webhook: 'none',
};

let gateway: Gateway;
let asked: { bytes: number; options: unknown }[];
let outcome: PictureOutcome;
let reviews: ReadonlyMap<string, PictureReview>;
let places: number;
let admitted: number[];

beforeEach(async () => {
  asked = [];
  admitted = [];
  outcome = { is: 'answered', answer };
  reviews = new Map();
  places = 1;
  const take = (bytes: Uint8Array, options: unknown): void => {
    asked.push({ bytes: bytes.length, options });
  };
  const pictures: PictureApi = {
    admit: (bytes) => {
      admitted.push(bytes);
      if (places === 0) return null;
      places -= 1;
      return { atMonoMs: 0, release: () => void (places += 1) };
    },
    infer: (_admission, bytes, options: PictureOptions) => {
      take(bytes, options);
      if (options.model === 'no-such') {
        return Promise.reject(new NightshiftError({ kind: 'not-found', message: 'There is no model "no-such".' }));
      }
      return Promise.resolve(outcome);
    },
    review: (_admission, bytes, options) => {
      take(bytes, options);
      return Promise.resolve(outcome.is === 'answered' ? { is: 'accepted', review: pending } : outcome);
    },
    findReview: (id) => Promise.resolve(reviews.get(id) ?? null),
    stats: () =>
      Promise.resolve({
        infer: { answered: 3, refused: 1, late: 0, failed: 0, meanBatch: 1.5 },
        review: { pending: 0, final: 2, changed: 1, failed: 0, delivered: 0, givenUp: 0 },
      }),
  };
  gateway = await startGateway({
    app: Object.assign(createFakeApp(), { pictures }),
    rendererDir: null,
    port: 0,
    token,
    log: silentLog,
  });
});
afterEach(() => gateway.close());

interface Body {
  readonly error?: { readonly kind: string; readonly message: string };
}

function ask(
  method: string,
  path: string,
  headers: Record<string, string> = jpeg,
  body: Buffer | null = method === 'POST' ? Buffer.from('picture') : null,
): Promise<{ status: number; headers: IncomingHttpHeaders; json: Body }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: gateway.port, path, method, headers, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(parts).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, json: JSON.parse(text) as Body });
      });
    });
    sent.on('error', reject);
    if (body !== null) sent.write(body);
    sent.end();
  });
}

it('takes a picture with its options and answers its boxes', async () => {
  const reply = await ask('POST', '/v1/infer?model=tiny-colour&tier=fast&score=0.3&classes=red,%20green&deadline=500');
  expect(reply.status).toBe(200);
  expect(reply.json).toEqual(answer);
  expect(asked).toEqual([
    {
      bytes: 7,
      options: { model: 'tiny-colour', tier: 'fast', score: 0.3, classes: ['red', 'green'], deadlineMs: 500 },
    },
  ]);
  await ask('POST', '/v1/infer');
  expect(asked[1]?.options).toEqual({
    model: 'nanodet-g',
    tier: 'normal',
    score: null,
    classes: null,
    deadlineMs: 1000,
  });
  expect(places).toBe(1);
});

it('asks for the token, the exact Host and the exact Origin before a byte is read', async () => {
  const own = `127.0.0.1:${String(gateway.port)}`;
  const cookie = `nightshift-${String(gateway.port)}=${token}`;
  const { authorization: _, ...anonymous } = jpeg;
  const cases: [Record<string, string>, number][] = [
    [anonymous, 401],
    [{ ...anonymous, authorization: `Bearer ${createToken()}` }, 401],
    [{ ...jpeg, host: 'evil.example' }, 403],
    [{ ...jpeg, origin: 'https://evil.example' }, 403],
    [{ ...anonymous, cookie, origin: 'null' }, 403],
    [{ ...anonymous, cookie, origin: `http://${own}` }, 200],
  ];
  for (const [headers, status] of cases) {
    for (const path of ['/v1/infer', '/v1/review']) {
      expect((await ask('POST', path, headers)).status, JSON.stringify(headers)).toBe(
        status === 200 && path === '/v1/review' ? 202 : status,
      );
    }
    expect((await ask('GET', '/v1/stats', headers)).status).toBe(status);
    expect((await ask('GET', '/v1/review/r1', headers)).status).toBe(status === 200 ? 404 : status);
  }
  expect(asked).toHaveLength(2);
});

it.each([
  ['/v1/infer?tier=huge', 'tier'],
  ['/v1/infer?score=much', 'score'],
  ['/v1/infer?deadline=0', 'deadline'],
  ['/v1/infer?size=3', 'size'],
  ['/v1/infer?tier=fast&tier=normal', 'tier'],
  ['/v1/infer?webhook=https://example.org/', 'webhook'],
  ['/v1/review?tier=fast', 'tier'],
])('%s: 400 that names the option', async (path, name) => {
  const reply = await ask('POST', path);
  expect(reply.status).toBe(400);
  expect(reply.json.error?.message).toContain(name);
  expect(admitted).toEqual([]);
});

it('takes pictures only: 415 for another content type, 405 for another method', async () => {
  for (const type of ['application/json', 'text/plain', 'image/gif', '']) {
    const reply = await ask('POST', '/v1/infer', { authorization: jpeg.authorization, 'content-type': type });
    expect(reply.status, type).toBe(415);
    expect(reply.json.error?.message).toContain('image/webp');
  }
  expect((await ask('POST', '/v1/infer', { ...jpeg, 'content-type': 'Image/PNG; charset=x' })).status).toBe(200);
  const get = await ask('GET', '/v1/infer');
  expect(get.status).toBe(405);
  expect(get.headers.allow).toBe('POST');
  expect((await ask('POST', '/v1/stats')).headers.allow).toBe('GET');
  expect((await ask('GET', '/v1/nothing')).status).toBe(404);
});

it('413 for more bytes than a picture may have, told before or found while it is read', async () => {
  const much = Buffer.alloc(mostPictureBytes + 1);
  const told = await ask('POST', '/v1/infer', { ...jpeg, 'content-length': String(much.length) }, much);
  expect(told.status).toBe(413);
  expect(admitted).toEqual([]);
  const found = await ask('POST', '/v1/infer', { ...jpeg, 'transfer-encoding': 'chunked' }, much);
  expect(found.status).toBe(413);
  expect(admitted).toEqual([mostPictureBytes]);
  expect(places).toBe(1);
  expect(asked).toEqual([]);
});

it('503 with Retry-After when the queue is full; the body is not kept', async () => {
  places = 0;
  const full = await ask('POST', '/v1/infer');
  expect(full.status).toBe(503);
  expect(full.headers['retry-after']).toBe('1');
  expect(asked).toEqual([]);
  places = 1;
  outcome = { is: 'refused', reason: 'The engine is being started.', retryAfterS: 7 };
  const away = await ask('POST', '/v1/infer');
  expect([away.status, away.headers['retry-after'], away.json.error?.message]).toEqual([
    503,
    '7',
    'The engine is being started.',
  ]);
});

it.each([
  [{ is: 'late', reason: 'No answer within 5 ms.' }, 504],
  [{ is: 'unusable', kind: 'unsupported', reason: 'no picture' }, 415],
  [{ is: 'unusable', kind: 'undecodable', reason: 'damaged' }, 422],
  [{ is: 'unusable', kind: 'empty', reason: 'nothing' }, 422],
  [{ is: 'unusable', kind: 'too-large', reason: 'too many pixels' }, 413],
] as const)('%j: %i with its reason', async (given, status) => {
  outcome = given;
  for (const path of ['/v1/infer', '/v1/review']) {
    const reply = await ask('POST', path);
    expect(reply.status).toBe(status);
    expect(reply.json).toMatchObject({ ok: false, error: { message: given.reason } });
  }
  expect(places).toBe(1);
});

it('tells errors of the options as they are', async () => {
  const reply = await ask('POST', '/v1/infer?model=no-such');
  expect([reply.status, reply.json.error?.kind]).toEqual([404, 'not-found']);
});

it('accepts a review at once, says that it is pending until the last word, and then the last word', async () => {
  const accepted = await ask('POST', '/v1/review?webhook=http://127.0.0.1:9/x&deadline=500');
  expect([accepted.status, accepted.headers.location, accepted.json]).toEqual([202, '/v1/review/r1', pending]);
  expect(asked[0]?.options).toMatchObject({ webhook: 'http://127.0.0.1:9/x', deadlineMs: 500 });
  expect((await ask('GET', '/v1/review/r1')).status).toBe(404);
  reviews = new Map([['r1', pending]]);
  const waiting = await ask('GET', '/v1/review/r1');
  expect([waiting.status, waiting.headers['retry-after'], waiting.json]).toEqual([202, '1', pending]);
  const final = { ...pending, state: 'final', changed: true } as const;
  reviews = new Map([['r1', final]]);
  const done = await ask('GET', '/v1/review/r1');
  expect([done.status, done.json]).toEqual([200, final]);
});

it('counts what programs sent', async () => {
  const reply = await ask('GET', '/v1/stats');
  expect(reply.json).toMatchObject({ infer: { answered: 3, meanBatch: 1.5 }, review: { final: 2, changed: 1 } });
});
