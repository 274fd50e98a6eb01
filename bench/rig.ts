import { rmSync } from 'node:fs';
import { mkdtemp, readdir } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { ModelService, type Model } from '../src/app/models/model-service.ts';
import { fittingWork, type PreparedWork } from '../src/app/models/work.ts';
import { workShape } from '../src/core/scheduler/work-shape.ts';
import type { InputSize, TierName } from '../src/shared/domain/model.ts';
import { QueryCell } from './cells/query-cell.ts';
import { runNode } from './cells/run-node.ts';
import { StoreCell } from './cells/store-cell.ts';
import { BenchEngine } from './engine/bench-engine.ts';
import type { RawLoopResult } from './engine/messages.ts';
import { OurLanes } from './lanes/our-lanes.ts';
import { LaneMeter } from './lanes/lane-account.ts';
import type { BenchOptions } from './options.ts';
import type { Plan } from './plan.ts';
import type { ScanAnswer } from './product/messages.ts';
import { clipFps } from './product/clip-fps.ts';
import { Product } from './product/product.ts';
import { seededRandom } from '../src/core/testing/seeded-random.ts';
import { makeTrace } from './lanes/trace.ts';
import { runShift } from './lanes/run-shift.ts';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const modelsDir = path('../models');
const demoDir = path('../resources/demo');
/** Wider sizes gain nothing on a CPU; a GPU gets the whole ladder. */
const cpuLadder = [1, 2, 4, 8, 16, 32];
const warmUpLimitMs = 60_000;
const readyForMs = 1_000;

export const cameraNames = ['gate', 'yard', 'dock', 'ramp', 'door', 'fence'];
export const demoCamera = join(demoDir, 'camera.mp4');

/** Everything that cells work with. Opened once, closed whatever happens. */
export interface Rig {
  readonly options: BenchOptions;
  readonly plan: Plan;
  readonly folder: string;
  readonly cores: number;
  readonly work: PreparedWork;
  readonly manifestFile: string;
  readonly ladder: readonly number[];
  /** Synthetic frames: the device of the lane figures, and a second one for the baseline of two sessions. */
  readonly engine: BenchEngine;
  readonly secondEngine: BenchEngine;
  /** Real ingest without a model: what decoding costs. */
  readonly decoder: BenchEngine;
  readonly lanes: OurLanes;
  readonly product: Product;
  readonly store: StoreCell;
  readonly query: QueryCell;
  readonly clips: readonly string[];
  /** Footage in which little moves, for the motion gate. */
  readonly quietClip: string;
  /** One bare call of one picture in ms, and the frames a second of each camera that make a load of 0.3. */
  readonly aloneMs: number;
  readonly cameraFps: number;
  /** The smallest size whose call takes at least 9 ms. */
  readonly archiveBatch: number;
  /** What the product makes of the clips: input size and batch. */
  readonly scan: ScanAnswer;
  readonly bare: (engine: BenchEngine, input: InputSize, batch: number, forMs: number) => Promise<RawLoopResult>;
}

/** Live load of the lane figures; six cameras share it. */
export const liveLoad = 0.3;
const longCallMs = 9;
const calibrationLooks = 5;
/** Where nobody asks for queries. */
const rowsOfAnUnaskedStore = 1_000;

export async function withRig<T>(
  options: BenchOptions,
  plan: Plan,
  say: (what: string) => void,
  body: (rig: Rig) => Promise<T>,
): Promise<T> {
  const undo: (() => Promise<unknown> | void)[] = [];
  const opened = async <R>(opening: Promise<R>, close: (one: R) => Promise<unknown> | void): Promise<R> => {
    const one = await opening;
    undo.push(() => close(one));
    return one;
  };
  try {
    return await body(await openRig(options, plan, say, opened));
  } finally {
    for (const close of undo.reverse()) await Promise.resolve(close()).catch(() => undefined);
  }
}

type Opened = <R>(opening: Promise<R>, close: (one: R) => Promise<unknown> | void) => Promise<R>;

async function openRig(options: BenchOptions, plan: Plan, say: (what: string) => void, opened: Opened): Promise<Rig> {
  const cores = availableParallelism();
  const { modelId } = plan;
  const intraOpThreads = Math.min(8, cores);
  const { providers } = options;
  const folder = await opened(mkdtemp(join(tmpdir(), 'nightshift-bench-')), (made) => {
    rmSync(made, { recursive: true, force: true });
  });
  // Ended by a signal: nothing is closed in order, but nothing is left behind either.
  process.once('exit', () => {
    rmSync(folder, { recursive: true, force: true });
  });
  say('starting engines and the application');
  const start = (ingest: 'synthetic' | 'real'): Promise<BenchEngine> =>
    opened(BenchEngine.start({ ingest, providers, intraOpThreads }), (engine) => engine.stop());
  const engine = await start('synthetic');
  const secondEngine = await start('synthetic');
  const decoder = await start('real');
  const product = await opened(Product.start(join(folder, 'product')), (one) => one.stop());

  const model = await new ModelService(modelsDir).find(modelId);
  const work = squareWork(model, options);
  const stills = (await readdir(join(demoDir, 'night'))).filter((name) => name.endsWith('.jpg')).sort();
  const pictures = {
    files: stills.map((name) => join(demoDir, 'night', name)),
    input: work.shape.input,
    padding: work.padding,
  };
  await engine.ask('pictures', pictures);
  await secondEngine.ask('pictures', pictures);

  const { manifest } = model;
  const bare: Rig['bare'] = (on, input, batch, forMs) =>
    on.ask('raw', {
      modelFile: model.file,
      inputName: manifest.input.name,
      outputName: manifest.output.name,
      providers,
      intraOpThreads,
      input,
      batch,
      forMs,
    });

  say('warming up');
  const lanes = await opened(Promise.resolve(new OurLanes(engine, work)), (one) => {
    one.close();
  });
  await lanes.open();
  await secondEngine.host.request({ type: 'load-model', modelId, file: model.file, manifest });
  const ladder = providers[0] === 'cpu' ? cpuLadder : [...cpuLadder, 64, 128];
  const warmBatch = ladder.at(-1) ?? 1;
  const { input } = work.shape;
  await secondEngine.host.request({ type: 'warm', modelId, lane: 'archive', input, batch: 32, runs: 2 });
  const measured: { readonly size: number; readonly ms: number }[] = [];
  for (const size of ladder) {
    // The live load is made from this: of several looks the least disturbed one.
    const looks = size <= 2 ? calibrationLooks : 1;
    const medians: number[] = [];
    for (let look = 0; look < looks; look++) medians.push((await bare(engine, input, size, plan.bareMs)).medianMs);
    measured.push({ size, ms: Math.min(...medians) });
  }
  const aloneMs = measured[0]?.ms ?? Number.NaN;
  const cameraFps = (liveLoad * 1000) / aloneMs / cameraNames.length;
  await warmLanes(engine, lanes, work, cameraFps, warmBatch, options);

  const clips = await clipsOf(plan);
  const quietClip = join(folder, 'quiet.mp4');
  await runNode(path('product/draw-quiet-clip.ts'), [pictures.files[0] ?? '', quietClip, String(plan.quietFrames)]);

  const scan = await product.ask('scan', { ...scanOf(clips, { options, plan }), motionGate: false, score: 0.3 });
  const store = await opened(StoreCell.open(join(folder, 'cell')), (one) => one.close());
  const queryRows = options.only?.includes('query') === false ? rowsOfAnUnaskedStore : options.queryRows;
  say(`writing ${queryRows.toLocaleString('en')} detections for the queries`);
  const query = await opened(
    QueryCell.fill(folder, queryRows, (share) => {
      if (queryRows >= 1e7) say(`writing detections for the queries: ${Math.round(share * 100)} %`);
    }),
    (one) => one.close(),
  );
  return {
    options,
    plan,
    folder,
    cores,
    work,
    manifestFile: join(modelsDir, modelId, 'manifest.json'),
    ladder,
    engine,
    secondEngine,
    decoder,
    lanes,
    product,
    store,
    query,
    clips,
    quietClip,
    aloneMs,
    cameraFps,
    archiveBatch: measured.find(({ ms }) => ms >= longCallMs)?.size ?? warmBatch,
    scan,
    bare,
  };
}

/** The lane figures run in the tier's own square, whatever the pictures: that is the size the budgets were set for. */
function squareWork(model: Model, { tier }: BenchOptions): PreparedWork {
  const { manifest } = model;
  const post = { score: manifest.score, iou: manifest.iou, classes: null };
  const input = manifest.tiers[tier];
  if (input === undefined) throw new Error(`${manifest.id} has no tier ${tier}`);
  return fittingWork(model, 0, workShape(manifest.id, input, post));
}

export const scanOf = (
  clips: readonly string[],
  { options: { tier }, plan: { modelId } }: Pick<Rig, 'options' | 'plan'>,
): { paths: readonly string[]; modelId: string; tier: TierName; fps: number } => ({
  paths: clips,
  modelId,
  tier,
  fps: clipFps,
});

async function clipsOf({ clips }: Plan): Promise<string[]> {
  const night = (await readdir(join(demoDir, 'night'))).filter((name) => name.endsWith('.mp4')).sort();
  const files = night.map((name) => join(demoDir, 'night', name));
  if (clips === 'one') return files.slice(0, 1);
  return clips === 'night' ? files : [demoCamera, ...files];
}

/** An archive without cameras, set to its widest size, until that is warm; then a moment of the cells' own load for the live sizes. */
async function warmLanes(
  engine: BenchEngine,
  lanes: OurLanes,
  work: PreparedWork,
  fps: number,
  widest: number,
  { seed }: BenchOptions,
): Promise<void> {
  const { shape } = work;
  const meter = new LaneMeter(0, 0);
  lanes.with({ mode: 'strict', batch: widest }).begin({ cameras: [], sloMs: 200, archive: true, shape, meter });
  const giveUpMs = performance.now() + warmUpLimitMs;
  // Not every device gets them all: sizes that cannot win are left out.
  let readySinceMs = Number.POSITIVE_INFINITY;
  while (!lanes.isWarm('archive', widest) && performance.now() < Math.min(giveUpMs, readySinceMs + readyForMs)) {
    await sleep(20);
    if (engine.host.state.state !== 'ready') readySinceMs = Number.POSITIVE_INFINITY;
    else readySinceMs = Math.min(readySinceMs, performance.now());
  }
  await lanes.end();
  const trace = makeTrace({ cameras: cameraNames, fps, durationMs: 1_000, kind: 'jittered' }, seededRandom(seed));
  const shift = { engine, policy: lanes, cameras: cameraNames, trace, archive: true, sloMs: 200, shape };
  await runShift({ ...shift, settleMs: 0, countMs: 1_000 });
}
