import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { apiLoadRow, type ApiLoadRow } from './api-load-row.ts';
import { apiVerdict } from './api-verdict.ts';
import { arrivalTimes } from './arrivals.ts';
import { openLoop } from './open-loop.ts';
import { PictureClient } from './picture-client.ts';

describe('arrivals', () => {
  it('come evenly, as many as the rate says', () => {
    expect(arrivalTimes(4, 1, 'steady', Math.random)).toEqual([0, 250, 500, 750]);
    expect(arrivalTimes(60, 30, 'steady', Math.random)).toHaveLength(1800);
  });

  it('come as a Poisson process: the mean gap is that of the rate, and gaps vary as much', () => {
    let state = 1;
    const random = (): number => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
    const times = arrivalTimes(100, 100, 'poisson', random);
    expect(Math.abs(times.length - 10_000)).toBeLessThan(400); // four standard deviations
    const gaps = times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
    expect(deviation / mean).toBeGreaterThan(0.95);
    expect(deviation / mean).toBeLessThan(1.05);
    expect(times).toEqual([...times].sort((one, other) => one - other));
  });
});

it('a server that stands still is not spared: latency counts from when each was due', async () => {
  let open: () => void = () => undefined;
  const stalled = new Promise<void>((resolve) => (open = resolve));
  const begun: number[] = [];
  const sent = openLoop([0, 20, 40], (index) => {
    begun.push(index);
    if (index === 2) setTimeout(open, 60);
    return stalled.then(() => index);
  });
  const results = await sent;
  expect(begun).toEqual([0, 1, 2]);
  const latencies = results.map(({ latencyMs }) => latencyMs);
  expect(latencies[0]).toBeGreaterThanOrEqual(99); // 40 + 60, less what timers are early
  expect((latencies[0] ?? 0) - (latencies[1] ?? 0)).toBeCloseTo(20, 0);
  expect((latencies[1] ?? 0) - (latencies[2] ?? 0)).toBeCloseTo(20, 0);
});

it('the first that fails ends the load, also while others are still to be sent', async () => {
  const begun: number[] = [];
  const sent = openLoop([0, 1, 40, 41], (index) => {
    begun.push(index);
    return index === 1 ? Promise.reject(new Error('no such model')) : Promise.resolve(index);
  });
  await expect(sent).rejects.toThrow('no such model');
  expect(begun).toEqual([0, 1]);
});

const reply = (latencyMs: number, status = 200, batch = 1, runMs = 10) => ({
  latencyMs,
  reply: { status, batch, runMs },
});
const setting = { mode: 'micro-batched', windowMs: 25, maxBatch: 16 } as const;

it('every picture is answered or refused; calls and device time count their pictures once', () => {
  const replies = [
    ...[10, 20].map((ms) => reply(ms, 200, 2, 16)),
    ...[30, 40, 50, 60].map((ms) => reply(ms, 200, 4, 24)),
    reply(5, 503),
    reply(1000, 504),
  ];
  expect(apiLoadRow(setting, replies, 2)).toEqual({
    ...setting,
    sent: 8,
    answered: 6,
    refused: 2,
    late: 1,
    p50Ms: 30,
    p95Ms: 60,
    p99Ms: 60,
    perSecond: 3,
    meanBatch: 3, // six pictures in two calls
    deviceMsPerPicture: 6.67, // 40 ms for six
  });
  expect(apiLoadRow(setting, [reply(1, 503)], 1)).toMatchObject({
    answered: 0,
    refused: 1,
    p95Ms: null,
    meanBatch: null,
  });
});

describe('the verdict', () => {
  const row = (mode: ApiLoadRow['mode'], change: Partial<ApiLoadRow>): ApiLoadRow => ({
    ...setting,
    mode,
    sent: 1000,
    answered: 1000,
    refused: 0,
    late: 0,
    p50Ms: 20,
    p95Ms: 40,
    p99Ms: 60,
    perSecond: 100,
    meanBatch: mode === 'batch-1' ? 1 : 4,
    deviceMsPerPicture: 10,
    ...change,
  });
  const verdict = (alone: Partial<ApiLoadRow>, batched: Partial<ApiLoadRow>) =>
    apiVerdict(row('batch-1', alone), row('micro-batched', batched));

  it('more answered wins over a better tail', () => {
    const { winner, why } = verdict({ answered: 700, p95Ms: 40 }, { answered: 1000, p95Ms: 90, deviceMsPerPicture: 5 });
    expect(winner).toBe('micro-batched');
    expect(why).toContain('1,000 of 1,000 pictures, the other 700');
    expect(why).toContain('saves 50 % of the device');
  });

  it('with as many answered the lower p95 wins, and what batching adds is told', () => {
    const { winner, why } = verdict({}, { p50Ms: 45, p95Ms: 65, deviceMsPerPicture: 10.2 });
    expect(winner).toBe('batch-1');
    expect(why).toContain('p95 40 ms against 65 ms');
    expect(why).toContain('saves nothing on this device');
    expect(why).toContain('adds 25 ms');
  });

  it('differences of the size of noise make no winner', () => {
    expect(verdict({ answered: 995 }, { p95Ms: 41 }).winner).toBe('neither');
    expect(verdict({ answered: 0, p95Ms: null }, { answered: 0, p95Ms: null }).winner).toBe('neither');
    expect(verdict({}, { deviceMsPerPicture: 13 }).why).toContain('costs 30 % more');
  });
});

describe('the client', () => {
  let server: Server;
  afterEach(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });

  it('sends the token and the options; refusals are replies, anything else is an error', async () => {
    const heard: (string | undefined)[][] = [];
    let status = 200;
    server = createServer((request, response) => {
      heard.push([request.url, request.headers.authorization, request.headers['content-type']]);
      request.resume();
      const body =
        status === 200
          ? { detections: [], width: 1, height: 1, batch: 3, queuedMs: 1, runMs: 7, model: 'm', tier: 'fast' }
          : { ok: false, error: { kind: 'conflict', message: 'no' } };
      response.writeHead(status).end(JSON.stringify(body));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = new PictureClient(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}/?token=abc`);
    const query = { tier: 'fast', deadline: '100' };
    expect(await client.infer(new Uint8Array(3), query)).toEqual({
      status: 200,
      batch: 3,
      runMs: 7,
      model: 'm',
      detections: [],
    });
    expect(heard).toEqual([['/v1/infer?tier=fast&deadline=100', 'Bearer abc', 'image/jpeg']]);
    for (status of [503, 504]) {
      expect(await client.infer(new Uint8Array(3), query)).toMatchObject({ status, detections: null });
    }
    status = 422;
    await expect(client.infer(new Uint8Array(3), query)).rejects.toMatchObject({ message: 'no' });
    client.close();
  });

  it('a kept connection that was closed meanwhile costs no picture; a fresh one that breaks is an error', async () => {
    const answer = { detections: [], width: 1, height: 1, batch: 1, queuedMs: 1, runMs: 7, model: 'm', tier: 'fast' };
    let requests = 0;
    let breaks = false;
    server = createServer((request, response) => {
      request.resume();
      requests += 1;
      if (requests === 2 || breaks) request.socket.destroy();
      else response.end(JSON.stringify(answer));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = new PictureClient(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}/?token=abc`);
    await client.infer(new Uint8Array(3), {});
    expect(await client.infer(new Uint8Array(3), {})).toMatchObject({ status: 200, runMs: 7 });
    expect(requests).toBe(3);
    breaks = true;
    await expect(client.infer(new Uint8Array(3), {})).rejects.toMatchObject({ code: 'ECONNRESET' });
    client.close();
  });
});
