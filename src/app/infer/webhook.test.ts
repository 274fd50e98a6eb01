import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { silentLog } from '../gateway/testing/fake-app.ts';
import { addressRefusal, parseWebhook } from './webhook-address.ts';
import { WebhookQueue } from './webhook-queue.ts';
import { postWebhook, type Posted } from './webhook.ts';

describe('which addresses a webhook may have', () => {
  it.each([
    'https://example.org/hook?x=1',
    'https://192.168.1.20/hook',
    'https://127.0.0.1:8443/',
    'http://127.0.0.1:9000/hook',
    'http://127.8.9.1/',
    'http://[::1]:9000/',
    'http://localhost:9000/',
  ])('%s may', (text) => {
    expect(parseWebhook(text).href).toBe(new URL(text).href);
  });

  it.each([
    'http://example.org/hook',
    'http://192.168.1.20/',
    'http://127.0.0.1.example.org/',
    'http://localhost.example.org/',
    'ftp://127.0.0.1/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'no address',
    'https://user:secret@example.org/',
    'https://169.254.169.254/latest/meta-data',
    'https://[fe80::1]/',
    'https://[::ffff:169.254.169.254]/',
    'https://[fd00:ec2::254]/',
    'https://[64:ff9b::a9fe:a9fe]/',
    'https://0.0.0.0/',
    'https://2852039166/', // 169.254.169.254 as one number
    'https://100.100.100.200/',
  ])('%s may not', (text) => {
    expect(() => parseWebhook(text)).toThrow(expect.objectContaining({ kind: 'bad-input' }));
  });

  it('every address of a name is asked', () => {
    expect(addressRefusal('https:', '93.184.216.34')).toBeNull();
    expect(addressRefusal('http:', '93.184.216.34')).toMatch(/this machine only/);
    expect(addressRefusal('http:', '127.0.0.1')).toBeNull();
    expect(addressRefusal('https:', '169.254.169.254')).toMatch(/refused/);
    expect(addressRefusal('https:', '::ffff:a9fe:a9fe')).toMatch(/refused/);
    expect(addressRefusal('https:', 'not-an-address')).toMatch(/no address/);
  });
});

describe('sending', () => {
  let address: string;
  let heard: { body: string; type: string | undefined }[];
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      heard.push({ body: Buffer.concat(parts).toString(), type: request.headers['content-type'] });
      answer(request, response);
    });
  });
  beforeEach(async () => {
    heard = [];
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    address = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/hook`;
  });
  afterEach(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });

  it('posts JSON, and takes 2xx alone for success', async () => {
    answer = (_request, response) => response.writeHead(204).end();
    expect(await postWebhook(address, '{"a":1}')).toEqual({ ok: true });
    expect(heard).toEqual([{ body: '{"a":1}', type: 'application/json; charset=utf-8' }]);
    answer = (_request, response) => response.writeHead(500).end('x'.repeat(1_000_000));
    expect(await postWebhook(address, '{}')).toEqual({ ok: false, reason: 'It answered 500.' });
    expect(await postWebhook(address.replace('127.0.0.1', 'localhost'), '{}')).toMatchObject({ ok: false });
    expect(heard).toHaveLength(3);
  });

  it('follows no redirect', async () => {
    answer = (_request, response) => response.writeHead(307, { location: '/elsewhere' }).end();
    expect(await postWebhook(address, '{}')).toEqual({
      ok: false,
      reason: 'It answered 307: redirects are not followed.',
    });
    expect(heard).toHaveLength(1);
  });

  it('refuses an address that is stored and is none any more, and tells a closed port', async () => {
    expect(await postWebhook('http://example.org/', '{}')).toMatchObject({ ok: false });
    answer = (request) => request.socket.destroy();
    expect((await postWebhook(address, '{}')).ok).toBe(false);
  });
});

describe('the queue', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function queueOf(results: (id: string, tries: number) => Posted) {
    const tries = new Map<string, number>();
    const ended: string[] = [];
    const post = vi.fn((url: string) => {
      tries.set(url, (tries.get(url) ?? 0) + 1);
      return Promise.resolve(results(url, tries.get(url) ?? 0));
    });
    const queue = new WebhookQueue({
      post,
      random: () => 0,
      log: silentLog,
      ended: (id, delivered) => ended.push(`${id} ${String(delivered)}`),
    });
    return { queue, post, ended };
  }

  it('tries again after 1, 5 and 25 s, then gives up; the others go on meanwhile', async () => {
    const { queue, post, ended } = queueOf((url) =>
      url === 'bad' ? { ok: false, reason: 'It answered 500.' } : { ok: true },
    );
    queue.add('a', 'bad', '{}');
    queue.add('b', 'good', '{}');
    await vi.advanceTimersByTimeAsync(0);
    expect(ended).toEqual(['b true']);
    const calls: number[] = [];
    for (const ms of [999, 1, 4_999, 1, 24_999, 1, 100_000]) {
      await vi.advanceTimersByTimeAsync(ms);
      calls.push(post.mock.calls.filter(([url]) => url === 'bad').length);
    }
    expect(calls).toEqual([1, 2, 2, 3, 3, 4, 4]);
    expect(ended).toEqual(['b true', 'a false']);
    expect(queue.size).toBe(0);
  });

  it('ends at the first success, and closes without another try', async () => {
    const { queue, post, ended } = queueOf((_url, tries) =>
      tries === 2 ? { ok: true } : { ok: false, reason: 'It answered 503.' },
    );
    queue.add('a', 'x', '{}');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ended).toEqual(['a true']);
    expect(post).toHaveBeenCalledTimes(2);
    queue.add('b', 'y', '{}');
    await vi.advanceTimersByTimeAsync(0);
    queue.close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(post).toHaveBeenCalledTimes(3);
  });
});
