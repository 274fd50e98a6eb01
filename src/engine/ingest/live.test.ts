import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { machineClock } from './clock.ts';
import { everything } from './recording/testing/tapped-packets.ts';
import { drawTestPattern, parseTestPattern, testRectangles } from './test-pattern.ts';
import { encodeVideo } from './testing/encode-video.ts';
import { demoFile, IngestProbe } from './testing/ingest-probe.ts';
import { httpCamera, sendingPictures } from './testing/mjpeg-camera.ts';

let folder: string;
/** One second of a test pattern, ten pictures. */
let clip: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-live-'));
  clip = join(folder, 'one second.mp4');
  const pattern = { width: 320, height: 240, fps: 10, seed: 1, rectangles: 2, burst: 1 };
  encodeVideo(clip, {
    ...pattern,
    frames: 10,
    bFrames: 2,
    draw: (frame, rgb) => {
      drawTestPattern(pattern, frame, rgb);
    },
  });
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('a test camera', () => {
  test('shows what its truth says, at the analysis rate, each with its own growing times', async () => {
    await using probe = new IngestProbe();
    const url = 'test:?width=320&height=240&fps=20&seed=11&rectangles=3';
    probe.open(url, { analysisFps: 10, input: { width: 320, height: 320 } });
    await probe.until(() => probe.arrived.length >= 8);
    expect(probe.told('camera-opened')).toEqual([
      {
        type: 'camera-opened',
        cameraId: 'camera',
        opening: 1,
        width: 320,
        height: 240,
        codec: 'test-pattern',
        fps: 20,
        decoder: { kind: 'none', why: 'drawn here, not decoded' },
        transport: null,
      },
    ]);
    let lastAtMs = 0;
    for (const [index, { ticket, frame }] of probe.arrived.entries()) {
      expect(ticket).toMatchObject({
        lane: 'live',
        source: 'camera',
        frame: index,
        sourceWidth: 320,
        sourceHeight: 240,
      });
      expect(ticket.timeMs).toBeCloseTo(index * 100, 6);
      expect(ticket.capturedAtMs).toBeGreaterThan(lastAtMs);
      expect(Number.isInteger(ticket.capturedAtMs)).toBe(true);
      lastAtMs = ticket.capturedAtMs;
      expect(Math.abs(ticket.capturedAtMs - Date.now())).toBeLessThan(5000);
      for (const { colour, x, y, width, height } of testRectangles(parseTestPattern(url), index * 2)) {
        const at = ((y + 40 + (height >> 1)) * 320 + x + (width >> 1)) * 3;
        const pixel = [...frame.bytes.subarray(at, at + 3)];
        expect(pixel).toEqual(['red', 'green', 'blue'].map((name) => (name === colour ? 255 : 0)));
      }
    }
    expect(probe.lost).toEqual([]);
  });

  test('waits its stagger before the first frame', async () => {
    await using probe = new IngestProbe();
    const startedMs = machineClock.monoMs();
    probe.open('test:', { staggerMs: 700 });
    await probe.until(() => probe.arrived.length > 0);
    expect(probe.arrived[0]?.ticket.capturedMonoMs).toBeGreaterThan(startedMs + 700);
  });

  test('frames that find no buffer are counted, and numbers go on', async () => {
    await using probe = new IngestProbe();
    probe.keep = true;
    probe.open('test:?fps=50', { analysisFps: 50 });
    await probe.until(() => probe.lost.length >= 3);
    expect(probe.arrived.map(({ ticket }) => ticket.frame)).toEqual([0, 1, 2, 3]);
    probe.ingest.release(probe.arrived.map(({ ticket }) => ticket.frameId));
    await probe.until(() => probe.arrived.length >= 8);
    probe.ingest.closeCamera('camera');
    await probe.closed('camera');
    const lost = probe.lost.reduce((sum, { count }) => sum + count, 0);
    expect(probe.lost.every(({ source, reason }) => source === 'camera' && reason === 'no-buffer')).toBe(true);
    // Each is known by its time, so that it can be looked for in the footage.
    const lostAtMs = probe.lost.flatMap(({ capturedAtMs = [] }) => capturedAtMs);
    expect(lostAtMs).toHaveLength(lost);
    expect(lostAtMs).toEqual([...new Set(lostAtMs)].sort((a, b) => a - b));
    const last = probe.arrived.at(-1)?.ticket;
    // captured = tickets + lost: nothing is counted twice or forgotten, up to what was lost after the last ticket.
    expect(probe.arrived.length + lost).toBeGreaterThanOrEqual((last?.frame ?? 0) + 1);
    expect(last?.frame).toBeGreaterThanOrEqual(7 + 3);
    expect(last?.timeMs).toBeCloseTo((last?.frame ?? 0) * 20, 6);
  });
});

describe('a file as a camera', () => {
  test('is played at its own pace and again from its end, with one running time', async () => {
    await using probe = new IngestProbe();
    probe.open(pathToFileURL(clip).href, { analysisFps: 10 });
    await probe.until(() => probe.arrived.length >= 24);
    expect(probe.told('camera-opened')[0]).toMatchObject({ width: 320, height: 240, codec: 'h264', fps: 10 });
    const start = probe.arrived[0]?.ticket.capturedMonoMs ?? 0;
    for (const [index, { ticket }] of probe.arrived.entries()) {
      expect(ticket.frame).toBe(index);
      expect(ticket.timeMs).toBeCloseTo(index * 100, 3);
      // Captured when it was due, not when it was decoded.
      expect(ticket.capturedMonoMs - start).toBeCloseTo(index * 100, 3);
    }
    expect(probe.arrived[10]?.hash).toBe(probe.arrived[0]?.hash);
    expect(probe.arrived[23]?.hash).toBe(probe.arrived[3]?.hash);
    expect(machineClock.monoMs() - start).toBeGreaterThan(2290);
  });

  test('keeps its analysis rate over the loop', async () => {
    await using probe = new IngestProbe();
    probe.open(`file:${clip}`, { analysisFps: 4 });
    await probe.until(() => probe.arrived.length >= 9);
    expect(probe.arrived.slice(0, 9).map(({ ticket }) => Math.round(ticket.timeMs))).toEqual([
      0, 300, 500, 800, 1000, 1300, 1500, 1800, 2000,
    ]);
  });
});

describe('pictures for people', () => {
  const pictures = (probe: IngestProbe) => probe.told('picture');

  test('none unless watched, but snapshots of what was analysed', async () => {
    await using probe = new IngestProbe();
    probe.open('test:?fps=20', { preview: { maxWidth: 200, maxFps: 15 } });
    await probe.until(() => probe.arrived.length >= 3);
    expect(pictures(probe)).toEqual([]);
    for (const { ticket } of probe.arrived.slice(0, 3)) {
      const jpeg = probe.ingest.snapshot('camera', ticket.capturedAtMs);
      expect(await sharp(jpeg ?? undefined).metadata()).toMatchObject({ format: 'jpeg', width: 200, height: 150 });
      const { data } = await sharp(jpeg ?? undefined)
        .raw()
        .toBuffer({ resolveWithObject: true });
      const pattern = parseTestPattern('test:?fps=20');
      for (const { colour, x, y, width, height } of testRectangles(pattern, Math.round(ticket.timeMs / 50))) {
        // Just inside each corner: the picture is the analysed one, not its neighbour.
        for (const [cornerX, cornerY] of [
          [x + 7, y + 7],
          [x + width - 7, y + height - 7],
        ] as const) {
          const at = (Math.round((cornerY * 200) / 640) * 200 + Math.round((cornerX * 200) / 640)) * 3;
          expect(data[at + ['red', 'green', 'blue'].indexOf(colour)]).toBeGreaterThan(200);
        }
      }
    }
    expect(probe.ingest.snapshot('camera', 1)).toBeNull();
    expect(probe.ingest.snapshot('other', probe.arrived[1]?.ticket.capturedAtMs ?? 0)).toBeNull();
  });

  test('watched: every analysed frame, others up to the rate asked for, each once and in order', async () => {
    await using probe = new IngestProbe();
    const camera = probe.open('test:?fps=30', { analysisFps: 5 });
    probe.ingest.watchCamera({ type: 'watch-camera', cameraId: camera, on: true, maxFps: 10 });
    await probe.until(() => probe.arrived.length >= 11);
    const seen = pictures(probe);
    const analysed = seen.filter((picture) => picture.analysed).map(({ capturedAtMs }) => capturedAtMs);
    expect(analysed).toEqual(probe.arrived.map(({ ticket }) => ticket.capturedAtMs).slice(-analysed.length));
    // Two seconds at 10 a second, 5 of them analysed.
    expect(seen.length).toBeGreaterThan(14);
    expect(seen.length).toBeLessThan(26);
    expect(seen.map(({ capturedAtMs }) => capturedAtMs)).toEqual(
      [...new Set(seen.map(({ capturedAtMs }) => capturedAtMs))].sort((a, b) => a - b),
    );
    probe.ingest.watchCamera({ type: 'watch-camera', cameraId: camera, on: false, maxFps: 10 });
    const before = pictures(probe).length;
    const tickets = probe.arrived.length;
    await probe.until(() => probe.arrived.length >= tickets + 3);
    expect(pictures(probe)).toHaveLength(before);
  });

  test('a main thread that stands still finds two waiting, and then the newest', async () => {
    await using probe = new IngestProbe();
    const camera = probe.open('test:?fps=50', { analysisFps: 0.1, preview: { maxWidth: 320, maxFps: 50 } });
    probe.ingest.watchCamera({ type: 'watch-camera', cameraId: camera, on: true, maxFps: 50 });
    await probe.until(() => pictures(probe).length >= 5);
    const before = pictures(probe).length;
    const untilMs = machineClock.monoMs() + 500;
    while (machineClock.monoMs() < untilMs);
    probe.drain();
    expect(pictures(probe).length - before).toBeLessThanOrEqual(2);
    await probe.until(() => pictures(probe).length > before + 2);
    // 20 ms lie between two pictures: several were replaced by newer ones.
    const atMs = pictures(probe).map(({ capturedAtMs }) => capturedAtMs);
    expect((atMs[before + 2] ?? 0) - (atMs[before + 1] ?? 0)).toBeGreaterThan(60);
  });

  test('a wide picture is made smaller, as small as is asked for, a small one is not enlarged', async () => {
    await using probe = new IngestProbe();
    for (const [url, size] of [
      ['test:?width=1280&height=720', { width: 320, height: 180 }],
      ['test:?width=100&height=80', { width: 100, height: 80 }],
    ] as const) {
      const cameraId = probe.open(url, { cameraId: url });
      probe.ingest.watchCamera({ type: 'watch-camera', cameraId, on: true, maxFps: 10 });
      await probe.until(() => pictures(probe).some((picture) => picture.cameraId === url));
      const picture = pictures(probe).find((one) => one.cameraId === url);
      expect(picture).toMatchObject(size);
      expect(await sharp(picture?.jpeg).metadata()).toMatchObject(size);
    }
    const large = { cameraId: 'test:?width=1280&height=720', on: true, maxFps: 10 };
    probe.ingest.watchCamera({ type: 'watch-camera', ...large, maxWidth: 800 });
    await probe.until(() => pictures(probe).some(({ width }) => width === 800));
    probe.ingest.watchCamera({ type: 'watch-camera', ...large });
    await probe.until(() => pictures(probe).findLast(({ cameraId }) => cameraId === large.cameraId)?.width === 320);
  });
});

describe('an end', () => {
  const serve = async (answer: RequestListener): Promise<string> => {
    const { host, end } = await httpCamera(answer);
    onTestFinished(end);
    return host;
  };
  const still = readFileSync(demoFile('night/still-01.jpg'));
  const sendPictures = sendingPictures(still, 15);

  test.each([
    ['no such file', () => 'file:/nowhere/at-all.mp4', /not there/],
    ['no video', () => pathToFileURL(demoFile('README.md')).href, /not a video/],
    ['an unknown scheme', () => 'gopher://x/1', /begins with one of/],
    ['a wrong test pattern', () => 'test:?fps=-1', /fps must be/],
    ['nobody listens', () => 'http://127.0.0.1:1/mjpg', /refused/],
    ['nobody listens for RTSP', () => 'rtsp://user:s3cret@127.0.0.1:1/live', /refused/],
    [
      'a wrong password',
      async () =>
        `http://user:s3cret@${await serve((_, response) => response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end())}/mjpg`,
      /user name and password/,
    ],
    [
      'a redirect, to wherever it leads',
      async () =>
        `http://${await serve((_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end())}/mjpg`,
      /leads to http:\/\/127\.0\.0\.1:1\/, which cannot be opened: The connection was refused/,
    ],
    ['a playlist', () => 'https://127.0.0.1:1/live.m3u8', /HLS is not opened/],
    [
      'a playlist by another name',
      async () =>
        `http://${await serve((_, response) => response.end('#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n'))}/video`,
      /not a video/,
    ],
    ['no such stream', async () => `http://${await serve((_, response) => response.writeHead(404).end())}/mjpg`, /404/],
    [
      'a web page',
      async () => `http://${await serve((_, response) => response.end('<html>'.repeat(999)))}/`,
      /not a video/,
    ],
  ])('%s is told in words, without the password', async (_name, url, words) => {
    await using probe = new IngestProbe();
    probe.open(await url());
    const { reason, requested } = await probe.closed('camera');
    expect(reason).toMatch(words);
    expect(reason).not.toContain('s3cret');
    expect(requested).toBe(false);
    expect(probe.told('camera-opened')).toEqual([]);
  });

  test('a camera over HTTP gives frames until it ends the stream', async () => {
    await using probe = new IngestProbe();
    probe.open(`http://${await serve(sendPictures)}/mjpg`, { analysisFps: 60 });
    expect(await probe.closed('camera')).toMatchObject({
      reason: expect.stringMatching(/ended the stream/) as string,
      requested: false,
    });
    expect(probe.told('camera-opened')[0]).toMatchObject({ width: 768, height: 576, codec: 'mjpeg' });
    expect(probe.arrived.length).toBeGreaterThan(5);
    for (const [index, { ticket }] of probe.arrived.entries()) {
      expect(ticket.timeMs).toBeGreaterThanOrEqual(probe.arrived[index - 1]?.ticket.timeMs ?? 0);
    }
  });

  test('a camera that says no times is timed by when its pictures come, and so is its recording', async () => {
    await using probe = new IngestProbe();
    const recording = { folder: join(folder, 'untimed'), mode: 'continuous', thresholds: everything } as const;
    const place = await serve((request, response) => {
      sendingPictures(still, 15, 100)(request, response);
    });
    probe.open(`http://${place}/mjpg`, { analysisFps: 10, recording });
    await probe.closed('camera');
    const closed = () => probe.told('recording').flatMap(({ news }) => (news.kind === 'closed' ? [news] : []));
    await probe.until(() => closed().length > 0);
    // 15 pictures in 1.4 s; at 25 a second they would be 0.6 s long.
    const [footage] = closed();
    expect((footage?.endMs ?? 0) - (footage?.startMs ?? 0)).toBeGreaterThan(1_000);
    const times = probe.arrived.map(({ ticket }) => ticket.timeMs);
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(1_000);
  });

  test('a silent camera is given up after its time', async () => {
    const server = createTcpServer(() => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    for (const scheme of ['rtsp', 'http']) {
      await using probe = new IngestProbe();
      const startedMs = machineClock.monoMs();
      probe.open(`${scheme}://127.0.0.1:${String(port)}/live`, { openTimeoutMs: 700 });
      expect(await probe.closed('camera')).toMatchObject({ reason: expect.stringMatching(/in time/) as string });
      expect(machineClock.monoMs() - startedMs).toBeLessThan(10_000);
    }
  });

  test('asked for in the middle of a silent read: not waited for', async () => {
    const server = createTcpServer();
    const connected = once(server, 'connection') as Promise<[Socket]>;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    await using probe = new IngestProbe();
    probe.open(`rtsp://127.0.0.1:${String((server.address() as AddressInfo).port)}/live`, { openTimeoutMs: 5000 });
    const [socket] = await connected;
    const startedMs = machineClock.monoMs();
    probe.ingest.closeCamera('camera');
    expect(await probe.closed('camera')).toMatchObject({ requested: true });
    expect(machineClock.monoMs() - startedMs).toBeLessThan(4800);
    socket.destroy();
  });

  test('asked for: the thread is gone, also out of a long wait', async () => {
    await using probe = new IngestProbe();
    probe.open('test:?fps=0.1', { cameraId: 'slow' });
    probe.open('test:', { cameraId: 'staggered', staggerMs: 60_000 });
    await probe.until(() => probe.of('slow').length === 1);
    const startedMs = machineClock.monoMs();
    probe.ingest.closeCamera('slow');
    probe.ingest.closeCamera('staggered');
    expect(await probe.closed('slow')).toMatchObject({ requested: true });
    expect(await probe.closed('staggered')).toMatchObject({ requested: true });
    expect(machineClock.monoMs() - startedMs).toBeLessThan(8000);
    probe.ingest.closeCamera('slow');
  });

  test('a worker that dies closes its camera only', async () => {
    await using probe = new IngestProbe({ workerFile: new URL('./testing/unreliable-worker.ts', import.meta.url) });
    probe.open('file:deadly.mp4', { cameraId: 'unlucky' });
    probe.open('test:', { cameraId: 'other' });
    expect(await probe.closed('unlucky')).toMatchObject({
      requested: false,
      reason: expect.stringMatching(/ended unexpectedly/) as string,
    });
    await probe.until(() => probe.of('other').length >= 3);
  });

  test(
    'opened again under the same name, fifteen times: one closing each, no thread is left',
    { timeout: 90_000 },
    async () => {
      const threadsBefore = workerThreads();
      const probe = new IngestProbe();
      for (let round = 0; round < 15; round++) {
        probe.open(round % 2 === 0 ? 'test:?fps=30' : pathToFileURL(clip).href);
        const before = probe.arrived.length;
        await probe.until(() => probe.arrived.length > before);
      }
      await probe.until(() => probe.told('camera-closed').length === 14);
      await probe.end(probe.feed(clip));
      await probe.ingest.inspect(clip);
      await probe.ingest.close(1000);
      // Fewer: one of an earlier camera was still on its way out at the beginning.
      expect(workerThreads()).toBeLessThanOrEqual(threadsBefore);
    },
  );
});

/** Threads that keep this process alive. */
const workerThreads = (): number =>
  process.getActiveResourcesInfo().filter((resource) => /worker|messageport/i.test(resource)).length;
