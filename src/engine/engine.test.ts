import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Detection } from '../shared/domain/detection.ts';
import type { FrameResult, Ticket, ToEngine } from '../shared/engine/protocol.ts';
import { EngineChild, engineFile } from './testing/engine-child.ts';
import { fittedInput } from '../shared/domain/fitted-input.ts';
import { shippedModel } from './testing/shipped-model.ts';

const demo = (name: string): string => fileURLToPath(new URL(`../../resources/demo/${name}`, import.meta.url));
const nanodet = shippedModel('nanodet-g');
const normal = nanodet.manifest.tiers.normal!;
/** Everything here is 4:3. */
const fitted = fittedInput(normal, 4, 3, nanodet.manifest.input.multipleOf);
const post = { score: 0.5, iou: 0.5, classes: null };
const person = nanodet.manifest.labels.indexOf('person');

const folder = mkdtempSync(join(tmpdir(), 'engine-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

let engine: EngineChild;

function feed(item: string, path: string, kind: 'picture' | 'video', fps = 1): void {
  const { multipleOf } = nanodet.manifest.input;
  engine.send({
    type: 'feed-item',
    item,
    jobId: 'job',
    weight: 1,
    path,
    kind,
    fps,
    startFrame: 0,
    input: normal,
    multipleOf,
    padding: 114,
    motionGate: false,
  });
}

/** The item's tickets, all of them: the end of an item comes after its last ticket. */
async function ticketsOf(item: string): Promise<readonly Ticket[]> {
  const ended = await engine.hear('item-ended', (news) => news.item === item);
  const tickets = engine.heard.flatMap((message) => ('tickets' in message ? message.tickets : []));
  const own = tickets.filter(({ source }) => source === item);
  expect(own).toHaveLength(ended.frames);
  return own;
}

let batches = 0;
async function run(frameIds: readonly number[]): Promise<readonly FrameResult[]> {
  const batchId = ++batches;
  engine.send({ type: 'run', batchId, modelId: 'nanodet-g', lane: 'archive', input: fitted, frameIds, post });
  return (await engine.hear('done', (message) => message.batchId === batchId)).results;
}

describe('an engine at work', () => {
  beforeAll(async () => {
    engine = await EngineChild.start();
    await engine.ask({ type: 'load-model', ...nanodet });
  });
  afterAll(() => engine.kill());

  it('finds the people of the demo footage, and the same boxes to the last bit in any batch', async () => {
    const found: (readonly (readonly Detection[])[])[] = [];
    for (const batch of [1, 2, 4, 8]) {
      feed(`camera-${batch}`, demo('camera.mp4'), 'video', 0.4);
      const frameIds = (await ticketsOf(`camera-${batch}`)).map(({ frameId }) => frameId);
      expect(frameIds).toHaveLength(8);
      const results: FrameResult[] = [];
      for (let from = 0; from < frameIds.length; from += batch) {
        results.push(...(await run(frameIds.slice(from, from + batch))));
      }
      found.push(results.map(({ detections }) => detections));
    }
    expect(found[1]).toEqual(found[0]);
    expect(found[2]).toEqual(found[0]);
    expect(found[3]).toEqual(found[0]);
    const people = found[0]!.map((detections) => detections.filter(({ classIndex }) => classIndex === person).length);
    expect(Math.min(...people)).toBeGreaterThanOrEqual(3);
  });

  it('finds nobody in a blank picture', async () => {
    const path = join(folder, 'blank.png');
    await sharp({ create: { width: 640, height: 480, channels: 3, background: '#777' } }).toFile(path);
    feed('blank', path, 'picture');
    const [ticket] = await ticketsOf('blank');
    expect(await run([ticket!.frameId])).toEqual([{ frameId: ticket!.frameId, detections: [] }]);
  });

  it('reports a frame it does not hold, and goes on', async () => {
    engine.send({
      type: 'run',
      batchId: -1,
      modelId: 'nanodet-g',
      lane: 'live',
      input: normal,
      frameIds: [4711],
      post,
    });
    expect((await engine.hear('run-failed')).message).toContain('Frame 4711');
    feed('still', demo('night/still-01.jpg'), 'picture');
    const [ticket] = await ticketsOf('still');
    const [result] = await run([ticket!.frameId]);
    expect(result!.detections.length).toBeGreaterThan(0);
  });

  it('keeps a frame in place that is discarded right behind its batch', async () => {
    feed('discarded', demo('night/still-02.jpg'), 'picture');
    const [ticket] = await ticketsOf('discarded');
    const answer = run([ticket!.frameId]);
    engine.send({ type: 'discard', frameIds: [ticket!.frameId] });
    expect((await answer)[0]!.detections.length).toBeGreaterThan(0);
  });

  it('answers about files while it is there, in the words of the file', async () => {
    expect(await engine.ask({ type: 'inspect', path: demo('camera.mp4') })).toMatchObject({ width: 768, height: 576 });
    await expect(engine.ask({ type: 'inspect', path: join(folder, 'none.jpg') })).rejects.toMatchObject({
      kind: 'missing',
    });
  });

  it('measures a provider, and says why it cannot', async () => {
    const ask = async (provider: string) =>
      engine.ask({
        type: 'measure-provider',
        ...shippedModel('tiny-colour'),
        provider,
        input: { width: 160, height: 160 },
        batches: [1, 4],
      });
    const cpu = await ask('cpu');
    expect(cpu).toMatchObject({ works: true, runs: [{ batch: 1 }, { batch: 4 }] });
    if (cpu.works) for (const { runMs } of cpu.runs) expect(runMs).toBeGreaterThan(0);
    expect(await ask('qnn')).toEqual({ works: false, why: expect.stringContaining('no such provider') as string });
  });
});

describe('models that cannot be used', () => {
  beforeAll(async () => {
    engine = await EngineChild.start();
  });
  afterAll(() => engine.kill());

  /** A model folder's worth of one file, with a manifest that knows its hash. */
  function modelOf(name: string, bytes: Uint8Array, change: object = {}) {
    const file = join(folder, name);
    writeFileSync(file, bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { type: 'load-model', modelId: 'bad', file, manifest: { ...nanodet.manifest, sha256, ...change } } as const;
  }
  const good = readFileSync(nanodet.file);
  const { input, output } = nanodet.manifest;

  it.each([
    ['a text file', modelOf('text.onnx', Buffer.from('This is no model.\n'.repeat(99))), 'protobuf parsing failed'],
    ['an empty file', modelOf('empty.onnx', new Uint8Array(0)), 'could not be opened'],
    ['half a file', modelOf('half.onnx', good.subarray(0, good.length / 2)), 'protobuf parsing failed'],
    [
      'another file',
      modelOf('other.onnx', good, { sha256: 'a'.repeat(64) }),
      'not the one that its manifest describes',
    ],
    ['no file', { ...modelOf('gone.onnx', good), file: join(folder, 'nowhere.onnx') }, 'cannot be read'],
    ['another input', modelOf('in.onnx', good, { input: { ...input, name: 'images' } }), 'the manifest names "images"'],
    ['another output', modelOf('out.onnx', good, { output: { name: 'boxes' } }), 'the manifest names "boxes"'],
    [
      'too few labels',
      modelOf('labels.onnx', good, { labels: ['person'], output }),
      '1 labels need [batch, 5, anchors]',
    ],
  ])('are refused: %s', async (_what, request, words) => {
    const refusal = await engine.ask(request).catch((caught: unknown) => caught);
    expect(refusal).toMatchObject({ kind: 'model-rejected' });
    expect((refusal as Error).message).toContain(words);
    expect((refusal as Error).message).toContain(request.file);
  });

  it('do not stand in the way of a good one', async () => {
    expect(await engine.ask({ type: 'load-model', ...nanodet })).toMatchObject({ providers: { live: 'cpu' } });
  });

  it('names every provider that did not take it', async () => {
    const other = await EngineChild.start({ providers: ['no-such-provider', 'cpu'] });
    const { providers, tried } = await other.ask({ type: 'load-model', ...nanodet });
    expect(providers).toEqual({ live: 'cpu', archive: 'cpu' });
    expect(tried).toMatchObject([{ provider: 'no-such-provider', taken: false }, { taken: true }]);
    other.kill();
  });
});

describe('the end of an engine', () => {
  afterEach(() => engine.kill());

  const work: readonly ToEngine[] = [
    {
      type: 'feed-item',
      item: 'video',
      jobId: 'job',
      weight: 1,
      path: demo('camera.mp4'),
      kind: 'video',
      fps: 10,
      startFrame: 0,
      input: normal,
      multipleOf: 32,
      padding: 114,
      motionGate: false,
    },
    {
      type: 'open-camera',
      cameraId: 'lawn',
      opening: 1,
      url: `file:${demo('camera.mp4')}`,
      analysisFps: 5,
      input: normal,
      multipleOf: 32,
      padding: 114,
      motionGate: false,
      staggerMs: 0,
      openTimeoutMs: 5000,
      transport: 'auto',
      watch: { silentMs: 20_000, frozenMs: 20_000, intervalMs: null, changes: false },
      preview: { maxWidth: 640, maxFps: 5 },
    },
  ];

  it('comes at once when it is asked for, in the middle of work, and in silence', async () => {
    engine = await EngineChild.start();
    work.forEach((message) => engine.send(message));
    await engine.hear('tickets');
    const startMs = performance.now();
    engine.send({ type: 'stop' });
    expect(await engine.ended()).toEqual({ code: 0, signal: null });
    expect(performance.now() - startMs).toBeLessThan(5000);
    expect(engine.printed).toBe('');
  });

  it('comes with the end of its host', async () => {
    engine = await EngineChild.start();
    work.forEach((message) => engine.send(message));
    await engine.hear('tickets');
    engine.process.disconnect();
    expect(await engine.ended()).toEqual({ code: 0, signal: null });
  });

  it('comes when its host is killed in the middle of a native call', async () => {
    const configure = {
      type: 'configure',
      protocol: 1,
      providers: ['cpu'],
      intraOpThreads: 1,
      archiveWindow: 8,
      maxPixels: 1e8,
    };
    const warm = { type: 'warm', modelId: 'nanodet-g', lane: 'archive', input: normal, batch: 16, runs: 1000 };
    const messages = [
      configure,
      ...work,
      { type: 'request', requestId: 1, request: { type: 'load-model', ...nanodet } },
      { type: 'request', requestId: 2, request: warm },
    ];
    const hostFile = fileURLToPath(new URL('./testing/doomed-host.ts', import.meta.url));
    const host = spawn(process.execPath, [hostFile, engineFile, JSON.stringify(messages)]);
    const [line] = (await once(host.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    expect(isAlive(pid)).toBe(true);
    host.kill('SIGKILL');
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 10_000, interval: 20 });
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
