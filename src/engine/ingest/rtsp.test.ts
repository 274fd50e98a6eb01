import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { OpenCamera } from './messages.ts';
import { drawTestPattern, type TestPattern } from './test-pattern.ts';
import { drawAccessUnits, writeAccessUnits, type AccessUnits } from './testing/access-units.ts';
import { IngestProbe } from './testing/ingest-probe.ts';
import { FaultProxy } from './testing/fault-proxy.ts';
import { RtspServer, whyNoRtspServer, type RtspMount } from './testing/rtsp-server.ts';

const lacking = whyNoRtspServer();
const folder = mkdtempSync(join(tmpdir(), 'nightshift-rtsp-'));
const login = { user: 'operator', password: 's3cret' };
const small: TestPattern = { width: 320, height: 240, fps: 10, seed: 1, rectangles: 2, burst: 1 };
const large: TestPattern = { ...small, width: 480, height: 360, seed: 2 };
let open: RtspServer;
let basic: RtspServer;
let digest: RtspServer;
let units: Record<'h264' | 'h265' | 'mjpeg' | 'larger' | 'frozen', string>;

async function unitsOf(codec: AccessUnits['codec'], pattern: TestPattern, frames = 20): Promise<AccessUnits> {
  const draw = (frame: number, rgb: Uint8Array): void => {
    drawTestPattern(pattern, frame, rgb);
  };
  return drawAccessUnits(codec, { ...pattern, frames, draw }, join(folder, 'scratch'));
}

beforeAll(async () => {
  if (lacking !== null) return;
  const write = (name: string, drawn: AccessUnits): string => writeAccessUnits(join(folder, name), drawn);
  units = {
    h264: write('h264', await unitsOf('h264', small)),
    h265: write('h265', await unitsOf('h265', small)),
    mjpeg: write('mjpeg', await unitsOf('mjpeg', small)),
    larger: write('larger', await unitsOf('h264', large)),
    // One keyframe, again and again.
    frozen: write('frozen', await unitsOf('h264', small, 1)),
  };
  const h264 = { codec: 'h264', units: units.h264, fps: 10, transports: ['tcp', 'udp'] } as const;
  const mounts: RtspMount[] = [
    { ...h264, path: '/h264' },
    { ...h264, path: '/h265', codec: 'h265', units: units.h265 },
    { ...h264, path: '/mjpeg', codec: 'mjpeg', units: units.mjpeg },
    { ...h264, path: '/udp', transports: ['udp'] },
    { ...h264, path: '/changing' },
    { ...h264, path: '/freezing' },
    { ...h264, path: '/slow', fps: 0.5 },
  ];
  const gate = [{ ...h264, path: '/gate' }];
  [open, basic, digest] = await Promise.all([
    RtspServer.start(mounts),
    RtspServer.start(gate, { login: { ...login, method: 'basic' } }),
    RtspServer.start(gate, { login: { ...login, method: 'digest' } }),
  ]);
});
afterAll(async () => {
  if (lacking === null) await Promise.all([open, basic, digest].map((server) => server[Symbol.asyncDispose]()));
  rmSync(folder, { recursive: true });
});

describe.concurrent('cameras of a real RTSP server', () => {
  beforeEach((context) => {
    context.skip(lacking !== null, lacking ?? '');
  });

  test('H.264, H.265 and MJPEG, over TCP and UDP, with and without a login, all at once', async () => {
    await using probe = new IngestProbe();
    const wanted: [string, string, Partial<OpenCamera>, { codec: string; transport: string }][] = [
      ['h264', open.url('/h264'), {}, { codec: 'h264', transport: 'tcp' }],
      ['h264 udp', open.url('/h264'), { transport: 'udp' }, { codec: 'h264', transport: 'udp' }],
      ['h265', open.url('/h265'), { transport: 'tcp' }, { codec: 'hevc', transport: 'tcp' }],
      ['mjpeg', open.url('/mjpeg'), {}, { codec: 'mjpeg', transport: 'tcp' }],
      ['falls back', open.url('/udp'), {}, { codec: 'h264', transport: 'udp' }],
      ['basic', basic.url('/gate'), {}, { codec: 'h264', transport: 'tcp' }],
      ['digest', digest.url('/gate'), {}, { codec: 'h264', transport: 'tcp' }],
    ];
    for (const [cameraId, url, changes] of wanted) probe.open(url, { openTimeoutMs: 10_000, ...changes, cameraId });
    await probe.until(
      () => probe.told('camera-closed').length > 0 || wanted.every(([cameraId]) => probe.of(cameraId).length >= 6),
    );
    expect(probe.told('camera-closed')).toEqual([]);
    for (const [cameraId, , , facts] of wanted) {
      expect(probe.told('camera-opened').find((opened) => opened.cameraId === cameraId)).toMatchObject({
        ...facts,
        width: 320,
        height: 240,
        decoder: { kind: 'software', hardware: 'not-asked' },
      });
      const times = probe.of(cameraId).map(({ ticket }) => ticket.timeMs);
      // Five pictures a second out of ten.
      expect((times[5] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(700);
      expect(new Set(probe.of(cameraId).map(({ hash }) => hash)).size).toBeGreaterThan(3);
    }
  });

  test('a picture that FFmpeg holds until the next one begins counts from its own arrival', async () => {
    await using probe = new IngestProbe();
    const codecs = ['h264', 'h265', 'mjpeg'] as const;
    // Every picture is a ticket.
    for (const codec of codecs) {
      probe.open(open.url(`/${codec}`), { cameraId: codec, analysisFps: 60, openTimeoutMs: 10_000 });
    }
    const newest = (codec: string) => probe.of(codec).slice(-6);
    const heldMs = (codec: string): number =>
      newest(codec)
        .slice(1)
        .reduce((sum, { ticket }) => sum + (ticket.heldMs ?? 0), 0);
    const mediaMs = (codec: string): number =>
      (newest(codec).at(-1)?.ticket.timeMs ?? 0) - (newest(codec)[0]?.ticket.timeMs ?? 0);
    // What came while it was opened is read all at once; from then on each comes an interval after it began to arrive.
    await probe.until(
      () =>
        probe.told('camera-closed').length > 0 ||
        (probe.of('mjpeg').length >= 6 &&
          ['h264', 'h265'].every((codec) => newest(codec).length === 6 && heldMs(codec) > 0.6 * mediaMs(codec))),
    );
    expect(probe.told('camera-closed')).toEqual([]);
    expect(heldMs('mjpeg')).toBe(0);
  });

  test.each([
    ['no login', () => basic.url('/gate', null), {}, /wants a user name and password \(401\)/],
    ['a wrong password', () => digest.url('/gate', { ...login, password: 'h4cker' }), {}, /refuses this .* \(401\)/],
    ['no such stream', () => open.url('/nowhere'), {}, /no stream at this path/],
    ['TCP where there is only UDP', () => open.url('/udp'), { transport: 'tcp' } as const, /over TCP: choose "auto"/],
    ['no such machine', () => 'rtsp://no-such-camera.invalid/1', {}, /No machine is called|name server/],
  ])('%s is told in words, without the password', async (_name, url, changes, words) => {
    await using probe = new IngestProbe();
    probe.open(url(), changes);
    const { reason } = await probe.closed('camera');
    expect(reason).toMatch(words);
    expect(reason).not.toMatch(/s3cret|h4cker/);
  });

  test('a redirect is followed; one that comes when it is opened, but not when it is asked, is not', async () => {
    await using leading = await FaultProxy.before(open.port);
    await using sly = await FaultProxy.before(open.port);
    await using probe = new IngestProbe();
    leading.begin({ is: 'redirect', to: open.url('/h264') });
    sly.begin({ is: 'redirect', to: open.url('/h264'), after: 1 });
    const url = (proxy: FaultProxy): string => `rtsp://127.0.0.1:${String(proxy.port)}/h265`;
    probe.open(url(leading), { cameraId: 'followed', openTimeoutMs: 10_000 });
    probe.open(url(sly), { cameraId: 'sly', openTimeoutMs: 10_000 });
    const { reason } = await probe.closed('sly');
    expect(reason).toMatch(
      /^The camera leads to rtsp:\/\/127\.0\.0\.1:\d+\/h264, but did not when it was asked before/,
    );
    expect(probe.of('sly')).toEqual([]);
    await probe.until(() => probe.of('followed').length >= 2 || probe.told('camera-closed').length > 1);
    expect(probe.told('camera-closed')).toMatchObject([{ cameraId: 'sly' }]);
    expect(probe.told('camera-opened')).toMatchObject([{ cameraId: 'followed', codec: 'h264' }]);
  });

  test('a camera that does not describe its stream is read until it shows a picture', async () => {
    await using bare = await FaultProxy.before(open.port);
    await using probe = new IngestProbe();
    bare.begin({ is: 'bare' });
    const url = `rtsp://127.0.0.1:${String(bare.port)}/h264`;
    for (const cameraId of ['one', 'two', 'three']) probe.open(url, { cameraId, openTimeoutMs: 20_000 });
    await probe.until(() => probe.told('camera-closed').length > 0 || probe.of('three').length >= 2);
    expect(probe.told('camera-closed')).toEqual([]);
    expect(probe.told('camera-opened')[0]).toMatchObject({ width: 320, height: 240 });
  });

  test('a new size in the middle is followed, a still picture is called frozen, and its end is told', async () => {
    await using probe = new IngestProbe();
    const watch = { silentMs: 20_000, frozenMs: 1000, intervalMs: null, changes: false };
    probe.open(open.url('/changing'), { cameraId: 'changing', watch });
    probe.open(open.url('/freezing'), { cameraId: 'freezing', watch });
    const health = (cameraId: string) => probe.told('camera-health').filter((told) => told.cameraId === cameraId);
    await probe.until(() => probe.of('changing').length >= 3 && health('freezing').some(({ changes }) => changes));
    open.show('/changing', units.larger);
    open.show('/freezing', units.frozen);
    await probe.until(() => health('changing').at(-1)?.width === 480 && health('freezing').at(-1)?.frozen === true);
    const before = probe.of('changing').length;
    await probe.until(() => probe.of('changing').length >= before + 2);
    expect(probe.of('changing').at(-1)?.ticket).toMatchObject({ sourceWidth: 480, sourceHeight: 360 });
    open.show('/freezing', units.h264);
    await probe.until(() => health('freezing').at(-1)?.frozen === false);
    expect(health('changing').some(({ frozen }) => frozen)).toBe(false);
    expect(probe.told('camera-closed')).toEqual([]);
  });

  test('a silent camera is given up, a slow one is not', async () => {
    await using server = await RtspServer.start([
      { path: '/quick', codec: 'h264', units: units.h264, fps: 10, transports: ['tcp'] },
    ]);
    await using probe = new IngestProbe();
    const watch = { silentMs: 1500, frozenMs: 20_000, intervalMs: null, changes: false };
    probe.open(server.url('/quick'), { cameraId: 'silent', watch });
    // Its interval was learnt in an earlier connection.
    probe.open(open.url('/slow'), {
      cameraId: 'slow',
      openTimeoutMs: 15_000,
      watch: { ...watch, intervalMs: 2000 },
    });
    await probe.until(() => probe.of('silent').length >= 3 || probe.told('camera-closed').length > 0);
    expect(probe.told('camera-closed')).toEqual([]);
    server.signal('SIGSTOP');
    expect(await probe.closed('silent')).toMatchObject({
      reason: expect.stringMatching(/no picture for 2 s/) as string,
      requested: false,
    });
    server.signal('SIGCONT');
    await probe.until(() => probe.of('slow').length >= 3 || probe.told('camera-closed').length > 1);
    expect(probe.told('camera-closed')).toMatchObject([{ cameraId: 'silent' }]);
  });
});
