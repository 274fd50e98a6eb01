import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { composeApp } from '../../src/app/compose.ts';
import { keyFileSecrets } from '../../src/app/secrets/key-file-secrets.ts';
import { systemClock } from '../../src/app/system-clock.ts';
import { cameraSettingsSchema } from '../../src/shared/domain/camera.ts';
import { jobSpecSchema, type JobSummary } from '../../src/shared/domain/job.ts';
import type { LadderCost } from '../../src/shared/domain/lanes.ts';
import { cpuMs } from '../engine/cpu-time.ts';
import { forkBenchEngine, type ForkedBenchEngine } from '../engine/fork-engine.ts';
import { silentLog } from '../silent-log.ts';
import type { ProductAsk, ProductAsks, ScanAnswer, ScanAsk } from './messages.ts';

/**
 * The whole application on plain Node, as `nightshift serve` runs it: control plane, store thread and an engine child
 * with real ingest. Argument: its data folder. Ends when its parent lets go of it.
 */
const [, , dataDir = ''] = process.argv;
const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const resolutionMs = 1;

let engine: ForkedBenchEngine | null = null;
const app = await composeApp({
  host: 'browser',
  dataDir,
  modelsDir: path('../../models'),
  resourcesDir: path('../../resources'),
  reportsDir: dataDir,
  storeWorkerFile: path('../../src/store/worker.ts'),
  spawnEngine: async () => {
    engine = await forkBenchEngine('real');
    return engine.channel;
  },
  dialogs: null,
  secrets: keyFileSecrets(dataDir),
  clock: systemClock,
  log: silentLog,
  version: (JSON.parse(readFileSync(path('../../package.json'), 'utf8')) as { version: string }).version,
  openCameras: true,
  resumeJobs: false,
  onFatal: (error) => {
    throw error;
  },
});

process.on('SIGINT', () => undefined);
process.on('message', (message) => void answer(message as ProductAsk));
process.once('disconnect', () => void app.close().finally(() => process.exit(0)));
process.send?.({ askId: 0, value: null });

async function answer(message: ProductAsk): Promise<void> {
  const { askId } = message;
  try {
    process.send?.({ askId, value: await valueOf(message) });
  } catch (caught) {
    process.send?.({ askId, failed: caught instanceof Error ? (caught.stack ?? caught.message) : String(caught) });
  }
}

async function valueOf(message: ProductAsk): Promise<unknown> {
  switch (message.ask) {
    case 'scan':
      return scan(message.input);
    case 'openCamera':
      return openCamera(message.input);
    case 'closeCamera':
      await app.handlers['cameras.remove']({ id: message.input.cameraId });
      return null;
    case 'cpu':
      return cpu();
    case 'versions':
      return (await app.handlers['system.status']()).versions;
  }
}

async function cpu(): Promise<ProductAsks['cpu']['out']> {
  const engineMs = engine === null ? 0 : (await engine.ask('cpu', null)).cpuMs;
  return { controlMs: cpuMs(), engineMs };
}

async function scan({ paths, modelId, tier, fps, motionGate, score }: ScanAsk): Promise<ScanAnswer> {
  const spec = jobSpecSchema.parse({ paths: [...paths], recursive: true, modelId, tier, fps, motionGate, score });
  const costsBefore = await archiveCosts();
  const cpuBefore = await cpu();
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  const ended = endOfJob();
  delay.enable();
  const { id } = await app.handlers['jobs.create'](spec);
  await ended(id);
  delay.disable();
  const job = await app.handlers['jobs.get']({ id });
  const cpuAfter = await cpu();
  if (job.state !== 'done' || job.items.failed > 0 || job.framesThisRun === 0) {
    throw new Error(`the scan ended as ${job.state} with ${job.items.failed} failed items: ${job.reason ?? ''}`);
  }
  const grown = grownMost(costsBefore, await archiveCosts());
  return {
    frames: job.framesThisRun,
    inherited: job.inheritedThisRun,
    detections: job.detections,
    seconds: job.runMs / 1000,
    input: grown.input,
    batch: grown.batch,
    loopDelayP99Ms: Math.max(0, delay.percentile(99) / 1e6 - resolutionMs),
    controlCpuMs: cpuAfter.controlMs - cpuBefore.controlMs,
    engineCpuMs: cpuAfter.engineMs - cpuBefore.engineMs,
  };
}

/** Listens from now on; the answer resolves when the job of that id has ended. */
function endOfJob(): (id: string) => Promise<void> {
  const ended = new Set<string>();
  let tell: () => void = () => undefined;
  const undo = app.subscribe((message) => {
    if (message.event !== 'jobs.progress' || !isOver(message.payload)) return;
    ended.add(message.payload.id);
    tell();
  });
  return async (id) => {
    while (!ended.has(id)) {
      await new Promise<void>((resolve) => {
        tell = resolve;
      });
    }
    undo();
  };
}

const isOver = ({ state }: JobSummary): boolean => state === 'done' || state === 'failed' || state === 'cancelled';

const archiveCosts = async (): Promise<readonly LadderCost[]> =>
  (await app.handlers['app.overview']()).lanes.costs.filter(({ lane }) => lane === 'archive');

/** The ladder step that this scan ran most often, as the cost model counts. */
function grownMost(before: readonly LadderCost[], after: readonly LadderCost[]): Pick<ScanAnswer, 'input' | 'batch'> {
  const samplesBefore = (cost: LadderCost): number =>
    before.find(({ modelId, input, batch }) => modelId === cost.modelId && input === cost.input && batch === cost.batch)
      ?.samples ?? 0;
  const framesBy = after.map((cost) => ({ cost, frames: (cost.samples - samplesBefore(cost)) * cost.batch }));
  const [most] = framesBy.sort((a, b) => b.frames - a.frames);
  const [width, height] = most?.cost.input.split('x').map(Number) ?? [];
  if (most === undefined || width === undefined || height === undefined) throw new Error('the scan ran nothing');
  return { input: { width, height }, batch: most.cost.batch };
}

async function openCamera({
  url,
  fps,
  tier,
}: ProductAsks['openCamera']['in']): Promise<ProductAsks['openCamera']['out']> {
  let tell: () => void = () => undefined;
  const first = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const undo = app.subscribe(({ event }) => {
    if (event === 'cameras.result') tell();
  });
  const settings = cameraSettingsSchema.parse({ name: 'bench', url, analysisFps: fps, tier });
  const { id } = await app.handlers['cameras.add'](settings);
  await first;
  undo();
  return { cameraId: id };
}
