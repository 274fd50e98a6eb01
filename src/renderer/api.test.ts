import { afterEach, expect, test, vi } from 'vitest';
import { connect } from './api.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

test('what is sent while the page closes is small; a list of cameras is not asked to outlive the page, which browsers refuse', async () => {
  vi.stubGlobal('window', {});
  vi.stubGlobal('location', { protocol: 'http:', host: '127.0.0.1:1', origin: 'http://127.0.0.1:1' });
  vi.stubGlobal(
    'WebSocket',
    class {
      static readonly OPEN = 1;
    },
  );
  const sent: RequestInit[] = [];
  vi.stubGlobal('fetch', (_address: string, request: RequestInit) => {
    sent.push(request);
    return Promise.resolve(new Response('{"ok":true}'));
  });
  const api = connect();
  await api.call('cameras.remove', { id: 'cam-1' });
  const text = 'Gate,rtsp://192.0.2.7/stream1\n'.repeat(4_000);
  await api.call('cameras.import', { text, format: 'csv', apply: 'none', allowLoopback: false });
  expect(sent.map(({ keepalive }) => keepalive)).toEqual([true, false]);
});
