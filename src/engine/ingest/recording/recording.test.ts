import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs, { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { AV_CODEC_ID_FLV1 } from 'node-av/constants';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startOfSegment } from '../../../core/recording/segment-names.ts';
import type { RecordingNews } from '../../../shared/engine/protocol.ts';
import { silenceFfmpeg } from '../ffmpeg.ts';
import { demoFile, IngestProbe } from '../testing/ingest-probe.ts';
import { CameraWriter, realDisk, type RecorderDisk } from './camera-writer.ts';
import { exportRecording } from './export-recording.ts';
import { mendRecording } from './mend-recording.ts';
import { SegmentFile, WriteFault } from './segment-file.ts';
import { everything, packetsIn, TappedFile } from './testing/tapped-packets.ts';

const clip = demoFile('camera.mp4'); // 20 s at 10 fps, with reordered pictures
const noSpace = -28;
const ioError = -5;
let folder = '';
beforeEach(() => {
  silenceFfmpeg();
  folder = mkdtempSync(join(tmpdir(), 'nightshift-recording-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A clip recorded as a camera would be. */
function recorder(options: { mode?: 'continuous' | 'events'; disk?: RecorderDisk; floorBytes?: number } = {}) {
  const { mode = 'continuous', disk, floorBytes = 0 } = options;
  const thresholds = { ...everything, floorBytes };
  const camera = new TappedFile(clip, mode);
  const news: RecordingNews[] = [];
  const writer = new CameraWriter({ folder, mode, thresholds }, camera.clock, (one) => news.push(one), disk);
  const hear = (messages: ReturnType<TappedFile['play']>): void => {
    for (const message of messages) {
      writer.hear(message);
      if (message.type === 'packet') camera.load.written(message.packet.data.byteLength);
    }
  };
  return {
    camera,
    news,
    told: <K extends RecordingNews['kind']>(kind: K) =>
      news.filter((one): one is Extract<RecordingNews, { kind: K }> => one.kind === kind),
    play: (ms: number): void => {
      hear(camera.play(ms));
    },
    end: (): void => {
      hear(camera.close());
    },
  };
}

const readable = (path: string): void => {
  const probed = spawnSync('ffprobe', ['-v', 'error', '-show_entries', 'format=duration', path], { encoding: 'utf8' });
  if (probed.error === undefined) expect(`${String(probed.status)} ${probed.stderr}`).toBe('0 ');
};

test('a looped clip becomes files of a minute that meet, each begins with a keyframe, every packet is in one', () => {
  const bench = recorder();
  bench.play(150_000);
  bench.end();
  const files = bench.told('closed');
  expect(files).toHaveLength(3);
  for (const { file, startMs, bytes } of files) {
    const path = join(folder, file);
    expect(startOfSegment(file)).toBe(startMs);
    expect(statSync(path).size).toBe(bytes);
    expect(packetsIn(path).firstIsKey).toBe(true);
    readable(path);
  }
  expect(files.slice(1).map(({ startMs }) => startMs)).toEqual(files.slice(0, 2).map(({ endMs }) => endMs));
  const packets = files.reduce((sum, { file }) => sum + packetsIn(join(folder, file)).packets, 0);
  expect(packets).toBe(1_500);
  const [first, , last] = files;
  expect((last?.endMs ?? 0) - (first?.startMs ?? 0)).toBeGreaterThan(149_000);
  expect((last?.endMs ?? 0) - (first?.startMs ?? 0)).toBeLessThan(151_500);
});

test('a live camera is recorded beside its analysis, on a thread that ends its file when the camera closes', async () => {
  await using probe = new IngestProbe();
  probe.open(`file:${clip}`, { recording: { folder, mode: 'continuous', thresholds: everything } });
  const told = (): RecordingNews[] => probe.told('recording').map(({ news }) => news);
  await probe.until(() => probe.arrived.length >= 5);
  probe.ingest.closeCamera('camera');
  await probe.until(() => told().some(({ kind }) => kind === 'closed'));
  const [opened, closed] = told().filter(({ kind }) => kind !== 'load');
  expect(opened).toMatchObject({ kind: 'opened', codec: 'h264' });
  if (closed?.kind !== 'closed') throw new Error('it was not closed');
  const { packets, firstIsKey } = packetsIn(join(folder, closed.file));
  expect(firstIsKey).toBe(true);
  expect(packets).toBeGreaterThanOrEqual(9);
  expect(statSync(join(folder, closed.file)).size).toBe(closed.bytes);
});

test('a source that makes its own pictures says that it cannot be recorded', async () => {
  await using probe = new IngestProbe();
  probe.open('test:?width=64&height=64&fps=10', { recording: { folder, mode: 'continuous', thresholds: everything } });
  await probe.until(() => probe.told('recording').length > 0);
  expect(probe.told('recording')[0]?.news).toMatchObject({ kind: 'stopped', reason: 'not-recordable' });
});

test('it says so too where it is to be recorded only later', async () => {
  await using probe = new IngestProbe();
  probe.open('test:?width=64&height=64&fps=10');
  await probe.until(() => probe.arrived.length > 0);
  const recording = { folder, mode: 'continuous', thresholds: everything } as const;
  probe.ingest.recordCamera({ type: 'record-camera', cameraId: 'camera', recording });
  await probe.until(() => probe.told('recording').length > 0);
  expect(probe.told('recording')[0]?.news).toMatchObject({ kind: 'stopped', reason: 'not-recordable' });
});

test('around events the seconds before are in the file, and it ends at a keyframe after them', () => {
  const bench = recorder({ mode: 'events' });
  bench.play(30_000);
  expect(bench.news).toEqual([]);
  const eventMs = bench.camera.clock.epochMs();
  bench.camera.tap.recordFor(10_000);
  bench.play(40_000);
  const [opened] = bench.told('opened');
  const [closed] = bench.told('closed');
  expect(eventMs - (opened?.startMs ?? eventMs)).toBeGreaterThanOrEqual(4_900);
  expect(closed?.endMs).toBeGreaterThanOrEqual(eventMs + 9_900);
  expect(bench.told('stopped')).toMatchObject([{ reason: 'no-event' }]);
  const { packets, firstIsKey } = packetsIn(join(folder, closed?.file ?? ''));
  expect(firstIsKey).toBe(true);
  expect(packets).toBeGreaterThanOrEqual(150);
  bench.end();
});

test('a clock that is set changes neither the length of what is recorded around an event nor that of a file', () => {
  const around = recorder({ mode: 'events' });
  const lengths = (bench: ReturnType<typeof recorder>): number[] =>
    bench.told('closed').map(({ startMs, endMs }) => endMs - startMs);
  around.play(30_000);
  around.camera.tap.recordFor(10_000);
  set(around, -3_600_000);
  around.play(40_000);
  expect(around.told('stopped')).toMatchObject([{ reason: 'no-event' }]);
  around.camera.tap.recordFor(10_000);
  set(around, 3_600_000);
  around.play(40_000);
  around.end();
  expect(lengths(around)).toHaveLength(2);
  for (const length of lengths(around)) {
    expect(length).toBeGreaterThan(14_800);
    expect(length).toBeLessThan(56_000);
  }

  const always = recorder();
  always.play(30_000);
  set(always, -3_600_000);
  always.play(60_000);
  expect(lengths(always)).toHaveLength(1);
  always.end();
});

/** Somebody sets the machine's clock. */
function set({ camera: { clock } }: ReturnType<typeof recorder>, byMs: number): void {
  const epochMs = clock.epochMs.bind(clock);
  Object.assign(clock, { epochMs: () => epochMs() + byMs });
}

test('a disk that fails when a file is ended loses it no row: it is told with what can be played', () => {
  let isGone = true;
  const sizeOf = (path: string): number => {
    if (isGone) throw Object.assign(new Error('EIO: i/o error, stat'), { code: 'EIO', syscall: 'stat' });
    return realDisk.sizeOf(path);
  };
  const bench = recorder({ disk: { ...realDisk, sizeOf } });
  bench.play(75_000);
  const [closed] = bench.told('closed');
  expect(closed?.bytes).toBe(statSync(join(folder, closed?.file ?? '')).size);
  expect((closed?.endMs ?? 0) - (closed?.startMs ?? 0)).toBeGreaterThan(58_000);
  expect(bench.told('stopped')).toMatchObject([{ reason: 'disk-error' }]);
  isGone = false;
  bench.play(30_000);
  bench.end();
  expect(bench.told('closed')).toHaveLength(2);
});

test('files are mended on a thread that is not the device’s, one thread for many, and what fails is told', async () => {
  const bench = recorder();
  bench.play(20_000);
  bench.end();
  const path = join(folder, bench.told('closed')[0]?.file ?? '');
  const copies = [1, 2, 3].map((number) => join(folder, `${String(number)}.mp4`));
  for (const copy of copies) writeFileSync(copy, readFileSync(path).subarray(0, -5_000));
  await using probe = new IngestProbe();
  // Whoever opened them on this thread would fail.
  const { openSync } = fs;
  fs.openSync = () => {
    throw new Error('opened on the main thread');
  };
  syncBuiltinESMExports();
  try {
    const mended = await Promise.all(copies.map((copy) => probe.ingest.mendRecording(copy)));
    for (const { durationMs } of mended) expect(durationMs).toBeGreaterThan(17_000);
    expect(await probe.ingest.mendRecording(join(folder, 'gone.mp4'))).toEqual({ bytes: 0, durationMs: 0 });
    await expect(probe.ingest.mendRecording(folder)).rejects.toThrow(/folder/);
  } finally {
    fs.openSync = openSync;
    syncBuiltinESMExports();
  }
  expect(packetsIn(copies[0] ?? '').packets).toBeGreaterThan(170);
});

test('a full disk ends the file with its last whole fragment, is told once, and recording resumes by itself', () => {
  let isFull = false;
  const bench = recorder({
    disk: {
      ...realDisk,
      openSegment: (path, codec) => {
        if (isFull) throw new WriteFault('open', noSpace);
        const real = realDisk.openSegment(path, codec);
        return {
          write: (packet) => {
            if (isFull) throw new WriteFault('packet', noSpace);
            real.write(packet);
          },
          close: () => {
            real.close();
          },
          abandon: () => {
            real.abandon();
          },
          get durationMs() {
            return real.durationMs;
          },
        };
      },
    },
  });
  bench.play(10_000);
  isFull = true;
  bench.play(60_000);
  const [cut] = bench.told('closed');
  expect(bench.told('stopped')).toMatchObject([{ reason: 'disk-full' }]);
  expect((cut?.endMs ?? 0) - (cut?.startMs ?? 0)).toBeGreaterThan(8_000);
  readable(join(folder, cut?.file ?? ''));
  isFull = false;
  bench.play(30_000);
  bench.end();
  expect(bench.told('opened')).toHaveLength(2);
  expect(bench.told('stopped')).toHaveLength(1);
});

test('a disk that fails at the header of a file is tried again; a stream that no file takes is not, and leaves none', () => {
  let isFailing = true;
  const bench = recorder({
    disk: {
      ...realDisk,
      openSegment: (path, codec) => {
        if (isFailing) throw new WriteFault('header', ioError);
        return realDisk.openSegment(path, codec);
      },
    },
  });
  bench.play(10_000);
  expect(bench.told('stopped')).toMatchObject([{ reason: 'disk-error' }]);
  isFailing = false;
  bench.play(40_000);
  bench.end();
  expect(bench.told('closed').length).toBeGreaterThan(0);

  const codec = { id: AV_CODEC_ID_FLV1, name: 'flv1', width: 64, height: 64, format: 0, profile: 0, level: 0 };
  const path = join(folder, 'no such codec.mp4');
  expect(() => new SegmentFile(path, { ...codec, extradata: null })).toThrow(WriteFault);
  expect(existsSync(path)).toBe(false);
  const refused = recorder({
    disk: { ...realDisk, openSegment: (at) => realDisk.openSegment(at, { ...codec, extradata: null }) },
  });
  refused.play(40_000);
  expect(refused.told('stopped')).toMatchObject([{ reason: 'not-recordable' }]);
  refused.end();
});

test('with less free than is left to everything else nothing is begun', () => {
  let freeBytes = 100;
  const bench = recorder({ floorBytes: 2_000, disk: { ...realDisk, space: () => ({ freeBytes, totalBytes: 1e6 }) } });
  bench.play(20_000);
  expect(bench.news).toMatchObject([{ kind: 'stopped', reason: 'disk-full' }]);
  expect(bench.camera.load.waitingBytes).toBe(0);
  freeBytes = 5_000;
  bench.play(40_000);
  bench.end();
  expect(bench.told('closed')).toHaveLength(1);
});

test('a disk that does not keep up costs whole groups of pictures, counted, and never the camera its time', () => {
  const camera = new TappedFile(clip);
  let isSlow = true;
  let breaks = 0;
  let leftOut = 0;
  for (let round = 0; round < 60 && (isSlow || breaks === 0); round++) {
    const heard = camera.play(10_000); // nobody writes: it waits
    breaks += heard.filter(({ type }) => type === 'break').length;
    leftOut += camera.load.takeLeftOut();
    if (breaks > 0) isSlow = false;
  }
  expect(breaks).toBe(1);
  expect(leftOut).toBeGreaterThan(0);
  expect(camera.load.waitingBytes).toBeLessThanOrEqual(32 * 1024 * 1024);
  camera.load.written(camera.load.waitingBytes);
  const [next] = camera.play(40_000).filter(({ type }) => type === 'packet');
  expect(next).toMatchObject({ packet: { isKey: true } });
  camera.close();
});

test('an export is cut at keyframes, joins files, says what is in it, and leaves gaps out', () => {
  const bench = recorder();
  bench.play(130_000);
  bench.end();
  const pieces = bench.told('closed').map(({ file, startMs, endMs }) => ({ path: join(folder, file), startMs, endMs }));
  const [first] = pieces;
  const startMs = first?.startMs ?? 0;
  const target = join(folder, 'export.mp4');
  const range = { fromMs: startMs + 30_000, toMs: startMs + 90_000 };
  const exported = exportRecording({ pieces, ...range, target });
  expect(exported.ranges).toHaveLength(1);
  const [piece] = exported.ranges;
  expect(piece?.fromMs).toBeLessThanOrEqual(range.fromMs);
  expect(piece?.fromMs).toBeGreaterThan(range.fromMs - 21_000);
  expect(Math.abs((piece?.toMs ?? 0) - range.toMs)).toBeLessThan(500);
  expect(Math.abs(packetsIn(target).durationMs - exported.durationMs)).toBeLessThan(500);
  expect(packetsIn(target).firstIsKey).toBe(true);
  readable(target);

  const outer = pieces.filter((_, index) => index !== 1);
  const all = { fromMs: startMs, toMs: startMs + 130_000 };
  expect(exportRecording({ pieces: outer, ...all, target }).ranges).toHaveLength(2);
  expect(() => exportRecording({ pieces: [], ...all, target })).toThrow('Nothing was recorded');
});

test('kill -9 costs at most the open fragment: whole files stay whole, the open one plays to its last second', async () => {
  const child = fileURLToPath(new URL('./testing/recording-child.ts', import.meta.url));
  const running = spawn(process.execPath, [child, folder, clip], { stdio: ['ignore', 'pipe', 'pipe'] });
  const complaints: string[] = [];
  running.stderr.on('data', (chunk: Buffer) => complaints.push(chunk.toString()));
  const closed: { file: string; ms: number }[] = [];
  let open = { file: '', fromMs: 0 };
  let writtenMs = 0;
  createInterface({ input: running.stdout }).on('line', (line) => {
    const [word, first = '', second = ''] = line.split(' ');
    if (word === 'opened') open = { file: first, fromMs: Number(second) };
    if (word === 'closed') closed.push({ file: first, ms: Number(second) });
    if (word === 'packet') writtenMs = Number(first);
    if (closed.length === 2 && writtenMs - 120_000 > 23_000) running.kill('SIGKILL');
  });
  const [, signal] = (await once(running, 'close')) as [number | null, string | null];
  expect(signal, complaints.join('')).toBe('SIGKILL');

  for (const { file, ms } of closed) {
    expect(Math.abs(packetsIn(join(folder, file)).durationMs - ms)).toBeLessThan(1_000);
    readable(join(folder, file));
  }
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.mp4'));
  expect(files).toHaveLength(closed.length + 1);
  const path = join(folder, open.file);
  const openMs = writtenMs - closed.reduce((sum, { ms }) => sum + ms, 0);
  const mended = mendRecording(path);
  expect(mended.durationMs).toBeGreaterThan(openMs - 1_300);
  expect(packetsIn(path).durationMs).toBeCloseTo(mended.durationMs, -2);
  readable(path);
  expect(mendRecording(path)).toEqual(mended);
});

const tmpfs = join(tmpdir(), `nightshift-tmpfs-${String(process.pid)}`);
const canMount = ((): boolean => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  spawnSync('mkdir', ['-p', tmpfs]);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', tmpfs]).status === 0;
  if (mounted) spawnSync('umount', [tmpfs]);
  return mounted;
})();

describe.runIf(canMount)('on a disk of one megabyte', () => {
  beforeEach(() => {
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', tmpfs]);
    folder = tmpfs;
  });
  afterEach(() => {
    spawnSync('umount', [tmpfs]);
    rmSync(tmpfs, { recursive: true, force: true });
  });

  test('the file ends when the disk is full, can be played, and recording resumes when there is room', () => {
    const bench = recorder();
    bench.play(40_000);
    const [cut] = bench.told('closed');
    expect(bench.told('stopped')).toMatchObject([{ reason: 'disk-full' }]);
    expect(packetsIn(join(folder, cut?.file ?? '')).packets).toBeGreaterThan(50);
    readable(join(folder, cut?.file ?? ''));
    rmSync(join(folder, cut?.file ?? ''));
    bench.play(30_000);
    expect(bench.told('opened').length).toBeGreaterThanOrEqual(2);
    bench.end();
  });
});
