import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Clock } from '../../core/ports.ts';
import type { FromEngine, Ticket, ToEngine } from '../../shared/engine/protocol.ts';
import { EngineHost } from '../engine-host/engine-host.ts';
import { scriptedEngines, type EngineScript, type ScriptedEngines } from '../testing/scripted-engine.ts';
import { testWork } from '../testing/test-work.ts';
import type { FrameSink } from './frame-sink.ts';
import { explainRun } from './explain-run.ts';
import { LaneHost, type LaneHostOptions } from './lane-host.ts';
import type { KeptRun } from './run-ring.ts';

const clock: Clock = { monoMs: () => Date.now(), epochMs: () => Date.now() };
const silentLog = { info: () => undefined, warn: () => undefined, error: () => undefined };
// In the size that its engines' pictures have.
const work = testWork().fitted(640, 480);
/** Time grows in step with the batch. */
const cpu = (_lane: unknown, batch: number): number => 2 * batch;
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Everything a sink was told, by frame. */
class Account implements FrameSink {
  readonly told = new Map<number, string[]>();
  readonly lostCounts: [string, number][] = [];

  captured(ticket: Ticket): void {
    this.#tell(ticket, 'captured');
  }
  analysed(ticket: Ticket): void {
    this.#tell(ticket, 'analysed');
  }
  dropped(ticket: Ticket, reason: string): void {
    this.#tell(ticket, reason);
  }
  lost(reason: string, count: number): void {
    this.lostCounts.push([reason, count]);
  }
  /** What became of the frames: each must have been captured once and settled at most once. */
  get fates(): readonly string[] {
    return [...this.told.values()].map(([first, fate, ...more]) => {
      if (first !== 'captured' || more.length > 0) return `told ${[first, fate, ...more].join(', ')}`;
      return fate ?? 'waiting';
    });
  }
  count(fate: string): number {
    return this.fates.filter((one) => one === fate).length;
  }
  #tell(ticket: Ticket, what: string): void {
    this.told.set(ticket.frame, [...(this.told.get(ticket.frame) ?? []), what]);
  }
}

interface Rig {
  readonly lanes: LaneHost;
  readonly host: EngineHost;
  readonly engines: ScriptedEngines;
  readonly returned: Ticket[][];
  readonly sent: (type: ToEngine['type']) => ToEngine[];
}

function rig(script: Partial<EngineScript> = {}, options: LaneHostOptions = {}): Rig {
  const engines = scriptedEngines(clock, script);
  const host = new EngineHost({
    spawn: engines.spawn,
    clock,
    log: silentLog,
    providers: ['cpu'],
    intraOpThreads: 2,
    archiveWindow: 4,
    maxPixels: 1_000_000,
    memory: { softBytes: 2 ** 30, hardBytes: 2 ** 31 },
  });
  const lanes = new LaneHost(host, clock, silentLog, options);
  const returned: Ticket[][] = [];
  host.listen({
    ready: () => {
      lanes.engineIsReady();
    },
    lost: ({ end }) => returned.push([...lanes.engineLost(end)]),
    message: (message: FromEngine) => {
      if (message.type === 'camera-opened') lanes.cameraLive(message.cameraId, message);
      lanes.message(message);
    },
    state: () => undefined,
    recycle: () => {
      lanes.recycle();
    },
  });
  host.start();
  return {
    lanes,
    host,
    engines,
    returned,
    sent: (type) => engines.all.flatMap((engine) => engine.received.filter((message) => message.type === type)),
  };
}

function openCamera({ lanes, host }: Rig, cameraId: string, analysisFps = 5): Account {
  const sink = new Account();
  lanes.openCamera({ cameraId, name: cameraId, sloMs: 200, weight: 'normal', shape: work.shape, work, sink });
  host.send({
    type: 'open-camera',
    cameraId,
    opening: 1,
    url: 'test:',
    analysisFps,
    input: work.shape.input,
    multipleOf: 0,
    padding: 114,
    motionGate: false,
    staggerMs: 0,
    openTimeoutMs: 5_000,
    transport: 'auto',
    watch: { silentMs: 20_000, frozenMs: 20_000, intervalMs: null, changes: false },
    preview: { maxWidth: 640, maxFps: 10 },
  });
  return sink;
}

function feed({ lanes, host }: Rig, item: string, alone: (frame: number) => boolean = () => false): Account {
  const sink = new Account();
  lanes.openItem({ item, jobId: 'job', shape: work.shape, work, isAlone: alone, sink });
  const { input } = work.shape;
  host.send({
    type: 'feed-item',
    item,
    jobId: 'job',
    weight: 1,
    path: `${item}.mp4`,
    kind: 'video',
    fps: 5,
    startFrame: 0,
    input,
    multipleOf: 0,
    padding: 114,
    motionGate: false,
  });
  return sink;
}

async function ready(made: Rig, lane: 'live' | 'archive'): Promise<void> {
  let isReady = false;
  void made.lanes.prepare(work, lane).then(() => (isReady = true));
  for (let tries = 0; tries < 100 && !isReady; tries++) await pass(50);
  expect(isReady).toBe(true);
}

test('only warmed sizes run, and with no camera on the archive widens to the largest', async () => {
  const made = rig({ frames: () => 2_000, runMs: cpu });
  await ready(made, 'archive');
  made.lanes.openJob({ jobId: 'job', name: 'Job', batch: 'auto' });
  const sink = feed(made, 'a');
  await pass(12_000);
  expect(made.engines.violations).toEqual([]);
  expect(sink.count('analysed')).toBe(2_000);
  const sizes = made.engines.runs.map((run) => run.frames.length);
  expect(Math.max(...sizes)).toBe(32);
  expect(made.engines.latest().heldFrames).toBe(0);
});

/** Pictures that were run for no result, by size. */
const warmedPictures = (made: Rig): Map<number, number> => {
  const pictures = new Map<number, number>();
  for (const message of made.sent('request')) {
    if (message.type !== 'request' || message.request.type !== 'warm' || message.request.lane !== 'archive') continue;
    const { batch, runs } = message.request;
    pictures.set(batch, (pictures.get(batch) ?? 0) + batch * runs);
  }
  return pictures;
};

test('a short scan does not pay for sizes that it would hardly use, a long one has them for a tenth at most', async () => {
  const warmed = async (frames: number): Promise<Map<number, number>> => {
    const made = rig({ frames: () => frames, runMs: (_lane, batch) => 6 * batch });
    await ready(made, 'archive');
    made.lanes.openJob({ jobId: 'job', name: 'Job', batch: 'auto' });
    const sink = feed(made, 'a');
    await pass(10 * frames);
    expect(sink.count('analysed')).toBe(frames);
    return warmedPictures(made);
  };
  const wider = (pictures: Map<number, number>): number =>
    [...pictures].reduce((sum, [batch, count]) => sum + (batch === 1 ? 0 : count), 0);
  const short = await warmed(182);
  expect(wider(short)).toBeLessThan(0.1 * 182);
  expect(short.has(32)).toBe(false);
  const long = await warmed(1_147);
  expect(long.has(32)).toBe(true);
  expect(wider(long)).toBeLessThan(0.1 * 1_147);
});

test('what an earlier process knew is used at once: the best size first, where the pictures that are left repay it', async () => {
  const gpu = (_lane: unknown, batch: number): number => 4 + 0.5 * batch;
  const made = rig({ frames: () => 2_000, runMs: gpu });
  made.lanes.importCosts(
    [1, 2, 4, 8, 16, 32, 64, 128].map((batch) => {
      const runMs = gpu(null, batch);
      const lane = 'archive' as const;
      return { modelId: 'nanodet-g', input: '416x320', lane, batch, q50Ms: runMs, q95Ms: runMs, samples: 64 };
    }),
  );
  await ready(made, 'archive');
  made.lanes.openJob({ jobId: 'job', name: 'Job', batch: 'auto', left: () => 2_000 });
  feed(made, 'a');
  await pass(3_000);
  expect([...warmedPictures(made).keys()].slice(0, 2)).toEqual([1, 128]);
  const sizes = sizesOf(made.engines.runs);
  expect(sizes.indexOf(128)).toBeGreaterThan(0);
  expect(sizes.indexOf(128)).toBeLessThan(40);
});

test('with a camera on, warm-up runs come one at a time and live frames get in between', async () => {
  const made = rig({ frames: () => 1_000, runMs: (_lane, batch) => 8 * batch });
  await ready(made, 'live');
  const camera = openCamera(made, 'gate', 20);
  await pass(500);
  const warmedBefore = made.sent('request').length;
  const prepared = made.lanes.prepare(work, 'archive');
  made.lanes.openJob({ jobId: 'job', name: 'Job', batch: 'auto' });
  feed(made, 'a');
  await pass(5_000);
  await prepared;
  const requests = made.sent('request').slice(warmedBefore);
  expect(requests.length).toBeGreaterThan(3);
  for (const message of requests) expect(message).toMatchObject({ request: { type: 'warm', runs: 1 } });
  expect(made.engines.violations).toEqual([]);
  // 110 frames in 5.5 s, and none of them had to give way.
  expect(camera.count('analysed')).toBeGreaterThan(100);
  expect(new Set(camera.fates)).toEqual(new Set(['analysed', ...(camera.count('waiting') > 0 ? ['waiting'] : [])]));
});

test('a refused model is said to whoever asked for it, and another one still runs', async () => {
  const made = rig({ refuses: (modelId) => (modelId === 'broken' ? 'not a model' : null) });
  const asked = made.lanes.prepare(testWork('broken'), 'live');
  const outcome = expect(asked).rejects.toMatchObject({ kind: 'model-rejected', message: 'not a model' });
  await pass(100);
  await outcome;
  await ready(made, 'live');
  expect(made.engines.all).toHaveLength(1);
});

test('a model that ends the engine while it is warmed is given up after the second time; one that hangs likewise', async () => {
  for (const fate of [{ code: null, signal: 'SIGSEGV' }, 'hangs'] as const) {
    const made = rig({ warm: () => fate });
    const asked = made.lanes.prepare(work, 'live');
    const outcome = expect(asked).rejects.toMatchObject({
      kind: 'model-rejected',
      message: expect.stringContaining('ended the engine twice') as string,
    });
    await pass(200_000);
    await outcome;
    expect(made.engines.all).toHaveLength(3);
    await Promise.all([made.host.stop(), pass(3_000)]);
  }
});

test('a wider size that cannot be warmed leaves the lane with the ones it has', async () => {
  const made = rig({
    frames: () => 200,
    warm: (_lane, batch) => (batch === 8 ? { code: 1, signal: null } : 'answered'),
  });
  await ready(made, 'archive');
  made.lanes.openJob({ jobId: 'job', name: 'Job', batch: 'auto' });
  feed(made, 'a');
  await pass(2_000);
  made.lanes.closeItem('a');
  const again = feed(made, 'b'); // what a job does after a loss
  await pass(5_000);
  made.lanes.closeItem('b');
  const last = feed(made, 'c');
  await pass(10_000);
  expect(again.count('analysed')).toBeLessThan(200);
  expect(last.count('analysed')).toBe(200);
  expect(Math.max(...made.engines.runs.map((run) => run.frames.length))).toBe(4);
  expect(made.engines.all).toHaveLength(3);
  expect(made.engines.violations).toEqual([]);
});

test('frames that give way are told once each and given back to the engine', async () => {
  const made = rig({ runMs: () => 300 });
  await ready(made, 'live');
  await pass(3_000);
  const camera = openCamera(made, 'gate', 20);
  await pass(5_000);
  const { fates } = camera;
  expect(new Set(fates)).toEqual(new Set([...fates].filter((fate) => !fate.startsWith('told'))));
  const droppedFrames = fates.filter((fate) => fate !== 'analysed' && fate !== 'waiting').length;
  expect(droppedFrames).toBeGreaterThan(10);
  const discarded = made.sent('discard').flatMap((message) => (message.type === 'discard' ? message.frameIds : []));
  expect(discarded).toHaveLength(droppedFrames);
  expect(new Set(discarded).size).toBe(droppedFrames);
  // Pushed out of the engine's buffers before they were tickets.
  expect(camera.lostCounts.every(([reason]) => reason === 'no-buffer')).toBe(true);
});

test('a camera is drained when its last frame has its result; closed, its running frame is counted and its late ones are given back', async () => {
  const made = rig({ runMs: () => 100, camera: () => 'silent' });
  await ready(made, 'live');
  await pass(2_000);
  const camera = openCamera(made, 'gate');
  await pass(10);
  made.engines.latest().capture('gate');
  await pass(5);
  const drained = made.lanes.drainCamera('gate', 1_000);
  const atOnce = made.lanes.drainCamera('nobody', 1_000);
  await pass(120);
  await Promise.all([drained, atOnce]);
  expect(camera.fates).toEqual(['analysed']);

  made.engines.latest().capture('gate');
  await pass(5); // inside its call
  made.lanes.closeCamera('gate');
  expect(camera.fates).toEqual(['analysed', 'stopped']);
  made.engines.latest().capture('gate'); // the engine did not know yet
  await pass(500);
  expect(camera.fates).toEqual(['analysed', 'stopped']);
  expect(made.engines.latest().heldFrames).toBe(0);
});

test('answers that come twice, for nobody, or without their results do no harm', async () => {
  let fate: ReturnType<EngineScript['run']> = 'answered-twice';
  const made = rig({ frames: () => 60, run: () => fate });
  await ready(made, 'archive');
  made.lanes.openJob({ jobId: 'job', name: 'Job', batch: 4 });
  const twice = feed(made, 'a');
  await pass(3_000);
  fate = 'answered-after-garbage';
  const garbage = feed(made, 'b');
  await pass(3_000);
  expect(twice.count('analysed')).toBe(60);
  expect(garbage.count('analysed')).toBe(60);
  expect(made.engines.all).toHaveLength(1);

  fate = 'hangs';
  feed(made, 'c');
  await pass(100);
  const run = made.sent('run').at(-1);
  if (run?.type !== 'run') throw new Error('nothing runs');
  const { batchId } = run;
  made.engines.latest().say({ type: 'done', batchId, runMs: 1, slotMs: 1, results: [], tickets: [], lost: [] });
  await pass(50);
  expect(made.returned).toEqual([[]]); // the engine is replaced, and no frame is blamed
});

test('a live call that fails costs its frames; an archive call that fails gives them back as suspects', async () => {
  let failing = true;
  const made = rig({ frames: () => 8, camera: () => 'silent', run: () => (failing ? 'failed' : 'answered') });
  await ready(made, 'live');
  await ready(made, 'archive');
  const camera = openCamera(made, 'gate');
  await pass(10);
  made.engines.latest().capture('gate');
  await pass(100);
  expect(camera.fates).toEqual(['engine-lost']);
  expect(made.engines.all).toHaveLength(1);
  made.lanes.closeCamera('gate');

  made.lanes.openJob({ jobId: 'job', name: 'Job', batch: 'auto' });
  feed(made, 'a');
  await pass(1_000);
  expect(made.returned.flat().map((ticket) => [ticket.source, ticket.lane])).toContainEqual(['a', 'archive']);
  failing = false;
});

test('an engine that goes away returns the archive frames of its call, and tells cameras about theirs', async () => {
  const made = rig({ frames: () => 50, runMs: (lane) => (lane === 'archive' ? 200 : 10) });
  await ready(made, 'live');
  await ready(made, 'archive');
  await pass(1_000);
  made.lanes.openJob({ jobId: 'job', name: 'Job', batch: 1 });
  const item = feed(made, 'a');
  await pass(2_000);
  const camera = openCamera(made, 'gate', 5);
  await pass(1_000);
  const running = made.engines.runs.at(-1);
  made.engines.latest().end({ code: null, signal: 'SIGSEGV' });
  const expected = running?.lane === 'archive' ? running.frames.length : 0;
  expect(made.returned).toHaveLength(1);
  expect(made.returned[0]).toHaveLength(expected);
  expect(camera.count('waiting')).toBe(0);
  expect(item.fates.some((fate) => fate.startsWith('told'))).toBe(false);
});

test('a camera that never delivers does not keep the archive small', async () => {
  const made = rig({ frames: () => 2_000, runMs: cpu });
  await ready(made, 'live');
  await ready(made, 'archive');
  made.lanes.openCamera({
    cameraId: 'dead',
    name: 'dead',
    sloMs: 200,
    weight: 'critical',
    shape: work.shape,
    sink: new Account(),
  });
  made.lanes.openJob({ jobId: 'job', name: 'Job', batch: 'auto' });
  feed(made, 'a');
  await pass(5_000);
  expect(Math.max(...made.engines.runs.map((run) => run.frames.length))).toBe(32);
});

test('over its soft memory limit an engine is replaced between two calls', async () => {
  const made = rig({ frames: () => 100, runMs: () => 50 });
  await ready(made, 'archive');
  made.lanes.openJob({ jobId: 'job', name: 'Job', batch: 'auto' });
  feed(made, 'a');
  await pass(2_000);
  made.engines.script.residentBytes = 1.5 * 2 ** 30;
  await pass(3_000);
  expect(made.returned).toEqual([[]]);
});

const sizesOf = (runs: ScriptedEngines['runs']): readonly number[] => runs.map((run) => run.frames.length);

test('a job runs at 32, shrinks to 1 when a camera opens, and is at 32 again when that is gone', async () => {
  // Time grows in step with the batch, as on a CPU.
  const made = rig({ frames: () => 10_000, runMs: (_lane, batch) => 12 * batch });
  await ready(made, 'live');
  await ready(made, 'archive');
  made.lanes.openJob({ jobId: 'job', name: 'Job', batch: 'auto' });
  feed(made, 'a');
  await pass(10_000);
  const archive = (from: number): readonly number[] =>
    sizesOf(made.engines.runs.slice(from).filter(({ lane }) => lane === 'archive'));
  expect(archive(0).slice(-3)).toEqual([32, 32, 32]);
  const camera = openCamera(made, 'gate');
  await pass(1_000);
  const opened = made.engines.runs.length;
  await pass(5_000);
  expect(Math.max(...archive(opened))).toBe(1);
  expect(archive(opened).length).toBeGreaterThan(100);
  expect(camera.count('analysed')).toBeGreaterThan(25);
  made.lanes.closeCamera('gate');
  made.host.send({ type: 'close-camera', cameraId: 'gate' });
  await pass(1_000);
  const closed = made.engines.runs.length;
  await pass(3_000);
  expect(new Set(archive(closed))).toEqual(new Set([32]));
  expect(made.engines.violations).toEqual([]);
});

test('on a device that gains from width a job goes up to 128, and a pinned size is warmed wherever it lies', async () => {
  const gaining = rig({ frames: () => 10_000, runMs: (_lane, batch) => 4 + 0.5 * batch });
  await ready(gaining, 'archive');
  gaining.lanes.openJob({ jobId: 'job', name: 'Job', batch: 'auto' });
  feed(gaining, 'a');
  await pass(4_000);
  expect(Math.max(...sizesOf(gaining.engines.runs))).toBe(128);

  const flat = rig({ frames: () => 10_000, runMs: (_lane, batch) => 5 * batch });
  await ready(flat, 'archive');
  flat.lanes.configure({ ...flat.lanes.settings, archiveBatch: 64 });
  flat.lanes.openJob({ jobId: 'job', name: 'Job', batch: 'auto' });
  feed(flat, 'a');
  await pass(8_000);
  expect(Math.max(...sizesOf(flat.engines.runs))).toBe(64);
  expect(flat.lanes.snapshot().settings.archiveBatch).toBe(64);
  expect([...gaining.engines.violations, ...flat.engines.violations]).toEqual([]);
});

test('a calibration measures the whole ladder with nobody on, and lanes use no more of it than before', async () => {
  const ended: unknown[] = [];
  const made = rig({ runMs: (_lane, batch) => 5 * batch }, { calibrationEnded: (...end) => ended.push(end) });
  await pass(100);
  await made.lanes.calibrate(work);
  await expect(made.lanes.calibrate(work)).rejects.toMatchObject({ kind: 'conflict' });
  await pass(1_000);
  expect(made.lanes.snapshot().calibration).toMatchObject({ modelId: 'nanodet-g', steps: 13, waitsFor: null });
  await pass(20_000);
  expect(ended).toEqual([['nanodet-g', null]]);
  const { calibration, calibrated, costs } = made.lanes.snapshot();
  expect(calibration).toBeNull();
  expect(calibrated).toMatchObject({ done: 13, steps: 13, end: 'done', reason: null });
  const measured = costs.map(({ lane, batch, q50Ms, samples }) => [lane, batch, q50Ms, samples]);
  for (const batch of [1, 2, 4, 8, 16]) expect(measured).toContainEqual(['live', batch, 5 * batch, 5]);
  for (const batch of [1, 2, 4, 8, 16, 32, 64, 128]) expect(measured).toContainEqual(['archive', batch, 5 * batch, 5]);
  const requests = made.sent('request').flatMap((message) => (message.type === 'request' ? [message.request] : []));
  const runs = requests.flatMap((request) => (request.type === 'warm' ? [request.runs] : []));
  expect(new Set(runs)).toEqual(new Set([1]));
  expect(made.lanes.knee(work.shape)).toBe(1);
  expect(made.lanes.predictMs(work.shape, 'archive', 32)).not.toBeNull();
  expect(made.lanes.predictMs(work.shape, 'archive', 64)).toBeNull();
});

test('a calibration beside cameras breaks no promise: what does not fit waits for room, and says so', async () => {
  const ended: unknown[] = [];
  const made = rig({ runMs: (_lane, batch) => 12 * batch }, { calibrationEnded: (...end) => ended.push(end) });
  await ready(made, 'live');
  const cameras = [openCamera(made, 'gate'), openCamera(made, 'yard', 4)];
  await pass(1_000);
  await made.lanes.calibrate(work);
  await pass(8_000);
  const { calibration } = made.lanes.snapshot();
  expect(calibration?.done).toBeGreaterThan(1);
  expect(calibration?.waitsFor).toMatch(/^batch \d+ takes about \d+ ms, cameras leave \d+ ms$/);
  for (const camera of cameras) {
    expect(camera.count('analysed')).toBeGreaterThan(30);
    expect(camera.fates.filter((fate) => fate !== 'analysed' && fate !== 'waiting')).toEqual([]);
  }
  // What never fits is not waited for: the calibration ends with what fitted.
  await pass(60_000);
  expect(made.lanes.snapshot().calibration).toBeNull();
  expect(ended).toEqual([['nanodet-g', null]]);
  const measured = made.lanes.snapshot().costs.filter(({ lane, samples }) => lane === 'archive' && samples >= 5);
  expect(measured.map(({ batch }) => batch)).toContain(1);
  expect(measured.map(({ batch }) => batch)).not.toContain(128);
});

test('a calibration of a model that is not loaded waits for the end of the cameras, and then measures everything', async () => {
  const ended: unknown[] = [];
  const made = rig({ runMs: (_lane, batch) => 5 * batch }, { calibrationEnded: (...end) => ended.push(end) });
  await ready(made, 'live');
  openCamera(made, 'gate');
  await pass(1_000);
  await made.lanes.calibrate(testWork('another'));
  await pass(30_000);
  expect(ended).toEqual([]);
  expect(made.lanes.snapshot().calibration).toMatchObject({
    done: 0,
    steps: 13,
    waitsFor: expect.stringMatching(/ is loaded when no camera is on$/) as string,
  });
  made.lanes.closeCamera('gate');
  made.host.send({ type: 'close-camera', cameraId: 'gate' });
  await pass(60_000);
  expect(ended).toEqual([['another', null]]);
  expect(made.lanes.snapshot().costs.filter(({ modelId }) => modelId === 'another').length).toBeGreaterThan(8);
});

test('a calibration that is stopped ends with the run that is under way, and one that fails says why', async () => {
  const made = rig({ runMs: (_lane, batch) => 100 * batch });
  await pass(100);
  await made.lanes.calibrate(work);
  await pass(1_500);
  const warms = (): number =>
    made.sent('request').filter((message) => message.type === 'request' && message.request.type === 'warm').length;
  const before = warms();
  made.lanes.stopCalibration();
  const { calibration, calibrated } = made.lanes.snapshot();
  expect(calibration).toBeNull();
  expect(calibrated).toMatchObject({ modelId: 'nanodet-g', steps: 13, end: 'stopped', reason: null });
  expect(calibrated?.done).toBeGreaterThan(0);
  await pass(5_000);
  expect(warms()).toBe(before);

  const ended: unknown[] = [];
  const refusing = rig({ refuses: () => 'not a model' }, { calibrationEnded: (...end) => ended.push(end) });
  await pass(100);
  await refusing.lanes.calibrate(work);
  await pass(100);
  expect(ended).toMatchObject([['nanodet-g', { kind: 'model-rejected' }]]);
  expect(refusing.lanes.snapshot().calibrated).toMatchObject({
    done: 0,
    end: 'failed',
    reason: expect.stringContaining('not a model') as string,
  });
});

test('a size that ends the engine twice is left out of the calibration, and so are the wider ones', async () => {
  const ended: unknown[] = [];
  const made = rig(
    { runMs: cpu, warm: (_lane, batch) => (batch === 4 ? { code: null, signal: 'SIGSEGV' } : 'answered') },
    { calibrationEnded: (...end) => ended.push(end) },
  );
  await pass(100);
  await made.lanes.calibrate(work);
  await pass(60_000);
  expect(ended).toEqual([['nanodet-g', null]]);
  const sizes = made.lanes.snapshot().costs.map(({ lane, batch }) => `${lane} ${String(batch)}`);
  expect(sizes.sort()).toEqual(['archive 1', 'archive 2', 'live 1', 'live 2']);
  expect(made.engines.all).toHaveLength(5);
});

test('a calibration takes turns with a scan', async () => {
  const made = rig({ frames: () => 100_000, runMs: (_lane, batch) => 4 * batch });
  await ready(made, 'archive');
  made.lanes.openJob({ jobId: 'job', name: 'Job', batch: 'auto' });
  feed(made, 'a');
  await pass(5_000);
  await made.lanes.calibrate(work);
  const before = made.engines.runs.length;
  await pass(5_000);
  expect(made.engines.runs.length).toBeGreaterThan(before + 10);
  await pass(60_000);
  expect(made.lanes.snapshot().calibration).toBeNull();
});

test('stored costs are known at once, and forgotten when the first run says something else', async () => {
  const contradictions: unknown[] = [];
  const made = rig({ runMs: () => 10 }, { contradicted: (contradiction) => contradictions.push(contradiction) });
  const stored = (lane: 'live' | 'archive', batch: number, q50Ms: number) =>
    ({ modelId: 'nanodet-g', input: '416x320', lane, batch, q50Ms, q95Ms: q50Ms, samples: 64 }) as const;
  made.lanes.importCosts([
    stored('live', 1, 10.5),
    stored('live', 16, 150),
    stored('archive', 1, 20),
    stored('archive', 64, 900),
  ]);
  expect(made.lanes.snapshot().costs).toHaveLength(4);
  expect(made.lanes.pictureMs(work.shape)).toBeCloseTo(900 / 64);
  expect(made.lanes.pictureMs(testWork('another').shape)).toBeNull();
  await ready(made, 'live');
  await ready(made, 'archive');
  expect(contradictions).toEqual([
    { lane: 'archive', modelId: 'nanodet-g', input: '416x320', batch: 1, storedMs: 20, measuredMs: 10 },
  ]);
  const known = made.lanes.snapshot().costs.map(({ lane, batch }) => [lane, batch]);
  expect(known).toContainEqual(['live', 16]);
  expect(known).not.toContainEqual(['archive', 64]);
});

test('every run is in the journal with what waited beside it and why, also one that never came back', async () => {
  let hangs = false;
  const made = rig({
    frames: () => 300,
    run: () => (hangs ? 'hangs' : 'answered'),
    runMs: (_lane, batch) => 10 * batch,
  });
  await ready(made, 'live');
  await ready(made, 'archive');
  const startMs = clock.epochMs();
  made.lanes.openJob({ jobId: 'job', name: 'Night 12', batch: 'auto' });
  openCamera(made, 'gate');
  feed(made, 'a');
  await pass(2_000);
  const range = { fromMs: startMs, toMs: clock.epochMs() + 1 };
  const everything = made.lanes.journal.readRuns(range, 1_000, clock.monoMs()) ?? [];
  const runs = everything.filter(({ reason }) => reason.is !== 'warming');
  expect(runs).toHaveLength(made.engines.runs.length);
  const ofCamera = runs.find(({ lane }) => lane === 'live');
  expect(ofCamera).toMatchObject({ subject: 'gate', batch: 1, places: 1, actualMs: 10, slot: 0 });
  const chunk = runs.filter(({ lane }) => lane === 'archive').pop();
  expect(chunk).toMatchObject({ subject: 'Night 12' });
  expect(explainRun(chunk as KeptRun)).toMatch(/^archive chunk of 1, predicted \d+ ms/);
  const [warming] = made.lanes.journal.readRuns({ ...range, fromMs: 0 }, 1_000, clock.monoMs()) ?? [];
  expect(warming && explainRun(warming)).toBe('warming live batches of 1, 4 runs: no lane uses a size before');
  expect(warming?.subject).toBe('nanodet-g');
  expect(warming?.actualMs).toBeGreaterThanOrEqual(40);
  hangs = true;
  await pass(400);
  made.engines.latest().end({ code: null, signal: 'SIGSEGV' });
  const all = made.lanes.journal.readRuns({ fromMs: startMs, toMs: clock.epochMs() + 1 }, 1_000, clock.monoMs()) ?? [];
  expect(all[all.length - 1]?.actualMs).toBeGreaterThan(100);
});

test('work whose single run breaks every promise is refused with the numbers; where only its own, that is said', async () => {
  const made = rig({ runMs: () => 300 });
  expect(made.lanes.admit(work, 'live', { id: 'gate', name: 'Gate', sloMs: 200 })).toBeNull(); // not measured yet
  await ready(made, 'live');
  await ready(made, 'archive');
  const gate = { id: 'gate', name: 'Gate', sloMs: 200 };
  const refused = (opening: typeof gate | null, lane: 'live' | 'archive'): unknown => {
    try {
      return made.lanes.admit(work, lane, opening);
    } catch (caught) {
      return caught;
    }
  };
  expect(refused(gate, 'live')).toMatchObject({
    kind: 'bad-input',
    where: 'Gate',
    message:
      'nanodet-g at 416x320 would break every promise on this device: one frame takes 300 ms; Gate promises 200 ms.',
    hint: expect.stringContaining('smaller tier') as string,
  });
  expect(refused(null, 'archive')).toBeNull(); // nobody is promised anything
  openCamera(made, 'gate');
  expect(refused(null, 'archive')).toMatchObject({ kind: 'bad-input', where: 'nanodet-g' });
  // The same camera, with another promise.
  expect(refused({ ...gate, sloMs: 400 }, 'live')).toBeNull();
  made.lanes.openCamera({
    cameraId: 'yard',
    name: 'Yard',
    sloMs: 500,
    weight: 'low',
    shape: work.shape,
    sink: new Account(),
  });
  expect(refused(null, 'archive')).toBeNull();
  expect(refused(gate, 'live')).toBe('one frame takes 300 ms; Gate promises 200 ms');
});
