import { chmod, mkdir } from 'node:fs/promises';
import { availableParallelism, homedir, totalmem } from 'node:os';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Handlers } from '../shared/contract/calls.ts';
import type { SchedulingMode } from '../shared/domain/lanes.ts';
import { schedulingModes } from '../shared/domain/lanes.ts';
import { tariffSchema } from '../shared/domain/plan.ts';
import { NightshiftError } from '../shared/errors.ts';
import { openStore } from '../store/client.ts';
import type { App } from './app.ts';
import { CameraService } from './cameras/camera-service.ts';
import { EngineHost } from './engine-host/engine-host.ts';
import { EventBus } from './event-bus.ts';
import { browse } from './files/browse.ts';
import { nameOwner } from './gateway/name-owner.ts';
import { estimate } from './jobs/estimate.ts';
import { JobService } from './jobs/job-service.ts';
import { CostKeeper } from './lanes/cost-keeper.ts';
import { LaneHost } from './lanes/lane-host.ts';
import { PictureRelay } from './media/picture-relay.ts';
import { StillService } from './media/still-service.ts';
import { defaultModelId, ModelService } from './models/model-service.ts';
import { prepareWork } from './models/work.ts';
import { LoadTestService } from './load-test/load-test-service.ts';
import { NoticeBoard } from './notices/notice-board.ts';
import type { AppEnvironment } from './ports.ts';
import { putAway } from './put-away.ts';
import { createReportService } from './reports/report-service.ts';
import { SystemMonitor, type WatchedStore } from './system/system-monitor.ts';

/** What an engine holds decoded before the scheduler says how much it wants. */
const FIRST_ARCHIVE_WINDOW_FRAMES = 4;
/** 100 megapixels: more than any camera, far less than a picture made to fill the memory. */
const MAX_PICTURE_PIXELS = 100_000_000;
const LANES_MS = 1_000;

/** The application on its data folder. Throws `owned-elsewhere` where another process owns the folder. */
export async function composeApp(environment: AppEnvironment): Promise<App> {
  const { log, dataDir } = environment;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await chmod(dataDir, 0o700).catch(() => undefined); // somebody else's folder: its owner decides
  const store = await openStore({
    dataDir,
    workerFile: environment.storeWorkerFile,
    ...(environment.sqliteBinding === undefined ? {} : { sqliteBinding: environment.sqliteBinding }),
    log,
  }).catch(async (caught: unknown) => {
    throw await nameOwner(caught, dataDir);
  });
  store.onLost(environment.onFatal);
  try {
    return await composeServices(environment, store);
  } catch (caught) {
    await store.close();
    throw caught;
  }
}

/**
 * The only place where services are made, in the order in which they need each other; put away in reverse. The store is
 * theirs from now on: closing the application closes it.
 */
export async function composeServices(environment: AppEnvironment, store: WatchedStore): Promise<App> {
  const { clock, log, dataDir } = environment;
  const { random } = Math;
  const bus = new EventBus(log);
  const notices = new NoticeBoard(store, clock, bus);
  await notices.load();
  const models = new ModelService(environment.modelsDir);
  const engine = new EngineHost({
    spawn: environment.spawnEngine,
    clock,
    log,
    providers: ['cpu'],
    intraOpThreads: Math.min(8, availableParallelism()),
    archiveWindow: FIRST_ARCHIVE_WINDOW_FRAMES,
    maxPixels: MAX_PICTURE_PIXELS,
    memory: { softBytes: Math.min(6 * 2 ** 30, totalmem() * 0.4), hardBytes: Math.min(10 * 2 ** 30, totalmem() * 0.6) },
  });
  const lanes = new LaneHost(engine, clock, log);
  const stills = new StillService(store, engine, dataDir);
  const pictures = new PictureRelay((cameraId, maxFps) => {
    cameras.watchChanged(cameraId, maxFps);
  });
  const shared = { store, engine, lanes, models, notices, bus, clock, random, log };
  const cameras = new CameraService({ ...shared, stills, pictures });
  const jobs = new JobService(shared);
  const loadTests = new LoadTestService({ ...shared, stills, pictures, jobs, reportsDir: environment.reportsDir });
  const reports = createReportService({ store, clock, reportsDir: environment.reportsDir });
  const monitor = new SystemMonitor(environment, store, engine);
  for (const owner of [lanes, cameras, pictures]) monitor.addQueueSource(() => owner.queues());
  const costs = new CostKeeper(store, lanes, (modelId) => models.knownHash(modelId));

  engine.listen({
    ready: () => {
      lanes.engineIsReady();
      cameras.engineIsReady();
      jobs.engineIsReady();
      loadTests.engineIsReady();
      void notices.clear('engine-lost');
    },
    lost: ({ text, end }) => {
      const running = lanes.engineLost(end);
      cameras.engineLost(text);
      loadTests.engineLost(text);
      jobs.engineLost(running, end);
      void notices.raise('warning', 'engine-lost', `${text}. Cameras and scans go on by themselves.`);
    },
    message: (message) => {
      switch (message.type) {
        case 'camera-opened':
        case 'camera-closed':
          if (!loadTests.message(message)) cameras.message(message);
          break;
        case 'item-opened':
        case 'item-ended':
        case 'item-failed':
          jobs.itemNews(message);
          break;
        case 'picture': {
          const { type: _type, jpeg, ...header } = message;
          pictures.push(header, jpeg);
          break;
        }
        default:
          lanes.message(message);
      }
    },
    state: (state) => {
      bus.emit('engine.state', state);
    },
    recycle: () => {
      lanes.recycle();
    },
  });

  // A crash left them open; how long they went on after their best picture is not known.
  await store.call('events.closeOpen', { endMs: 0 });
  const savedMode = await store.call('settings.get', { key: 'scheduling-mode' });
  if (isMode(savedMode)) lanes.mode = savedMode;
  await models.find(defaultModelId);
  await costs.load('CPU', 'cpu');
  const lanesTimer = setInterval(() => {
    bus.emit('lanes.snapshot', lanes.snapshot());
  }, LANES_MS);
  engine.start();
  await cameras.load(environment.openCameras);
  await jobs.load(environment.resumeJobs);

  const handlers: Handlers = {
    'app.overview': async () => ({
      cameras: cameras.list(),
      statuses: cameras.statuses(),
      jobs: jobs.list(),
      models: await models.list(),
      notices: notices.notices,
      lanes: lanes.snapshot(),
      system: await monitor.status(),
      demo: demoFootage(environment.resourcesDir),
      tariff: tariffSchema.parse({}),
    }),
    'cameras.add': (settings) => cameras.add(settings),
    'cameras.update': ({ id, settings }) => cameras.update(id, settings),
    'cameras.remove': ({ id }) => cameras.remove(id),
    'jobs.create': (spec) => jobs.create(spec),
    'jobs.estimate': async (spec) => {
      const model = await models.find(spec.modelId);
      const work = await prepareWork(model, { ...spec, fps: null }, store);
      const best = lanes.knee(work.shape);
      const runMs = best === null ? null : lanes.predictMs(work.shape, 'archive', best);
      return estimate(spec, best === null || runMs === null ? null : runMs / best, () => clock.monoMs());
    },
    'jobs.get': ({ id }) => jobs.get(id),
    'jobs.pause': ({ id }) => jobs.pause(id),
    'jobs.resume': ({ id }) => jobs.resume(id),
    'jobs.cancel': ({ id }) => jobs.cancel(id),
    'jobs.retryFailed': ({ id }) => jobs.retryFailed(id),
    'jobs.failures': ({ id, offset, limit }) => jobs.failures(id, offset, limit),
    'review.list': (request) => store.call('review.list', request),
    'review.mark': (request) => store.call('events.mark', request),
    'reports.preview': (scope) => reports.preview(scope),
    'reports.export': (request) => reports.export(request),
    'reports.list': () => reports.list(),
    'models.list': () => models.list(),
    'system.status': () => monitor.status(),
    'system.selfCheck': () => later('system.selfCheck'),
    'lanes.configure': () => later('lanes.configure'),
    'lanes.timeline': () => later('lanes.timeline'),
    'lanes.calibrate': () => later('lanes.calibrate'),
    'lanes.stopCalibration': () => later('lanes.stopCalibration'),
    'plan.capacity': () => later('plan.capacity'),
    'plan.batch': () => later('plan.batch'),
    'plan.advise': () => later('plan.advise'),
    'plan.setTariff': () => later('plan.setTariff'),
    'loadTest.start': (spec) => loadTests.start(spec),
    'loadTest.stop': () => loadTests.stop(),
    'loadTest.latest': () => Promise.resolve(loadTests.latest),
    'notices.list': () => Promise.resolve(notices.notices),
    'notices.dismiss': ({ id }) => notices.dismiss(id),
    'files.browse': ({ path }) => browse(path ?? homedir()),
    'files.choose': async (request) => {
      const { dialogs } = environment;
      return dialogs === null
        ? { available: false, paths: [] }
        : { available: true, paths: await dialogs.choose(request) };
    },
  };

  return {
    handlers,
    subscribe: (listener) => bus.subscribe(listener),
    openViewer: (deliver) => pictures.open(deliver),
    still: (kind, id, width) => stills.still(kind, id, width),
    addQueueSource: (source) => monitor.addQueueSource(source),
    close: () => {
      clearInterval(lanesTimer);
      return putAway([
        () => loadTests.close(),
        () => cameras.close(),
        () => jobs.close(),
        () => {
          lanes.close();
        },
        () => engine.stop(),
        () => {
          monitor.close();
        },
        () => costs.close(),
        () => store.close(),
      ]);
    },
  };
}

function demoFootage(resourcesDir: string): { cameraUrl: string; nightPath: string } | null {
  const camera = join(resourcesDir, 'demo', 'camera.mp4');
  const night = join(resourcesDir, 'demo', 'night');
  return existsSync(camera) && existsSync(night) ? { cameraUrl: pathToFileURL(camera).href, nightPath: night } : null;
}

const isMode = (value: string | null): value is SchedulingMode =>
  (schedulingModes as readonly (string | null)[]).includes(value);

// Only while these parts are being built; gone before anything is released.
const later = (call: string): Promise<never> =>
  Promise.reject(new NightshiftError({ kind: 'internal', message: `${call} is not there yet` }));
