import { chmod, mkdir } from 'node:fs/promises';
import { availableParallelism, homedir, totalmem } from 'node:os';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { advise } from '../core/planner/advisor.ts';
import { planBatch } from '../core/planner/batch-plan.ts';
import type { Handlers } from '../shared/contract/calls.ts';
import type { LanesSnapshot } from '../shared/domain/lanes.ts';
import type { PictureStats } from '../shared/domain/picture-api.ts';
import type { EngineState } from '../shared/domain/system.ts';
import { describeError, toErrorValue } from '../shared/errors.ts';
import { openStore } from '../store/client.ts';
import type { App } from './app.ts';
import { CameraService } from './cameras/camera-service.ts';
import { EngineHost, type EngineHostOptions } from './engine-host/engine-host.ts';
import { likelyProviders } from './engine-host/likely-providers.ts';
import { thisMachine } from './engine-host/machine-look.ts';
import { ProviderKeeper } from './engine-host/provider-keeper.ts';
import { EventBus } from './event-bus.ts';
import { browse } from './files/browse.ts';
import { nameOwner } from './gateway/name-owner.ts';
import { estimate } from './jobs/estimate.ts';
import { ArchiveFleet } from './instances/archive-fleet.ts';
import { ExecutorKeeper } from './instances/executor-keeper.ts';
import { HalfCost } from './instances/half-cost.ts';
import { JobService } from './jobs/job-service.ts';
import { InferService } from './infer/infer-service.ts';
import { ReviewPictures } from './infer/review-pictures.ts';
import { ReviewService } from './infer/review-service.ts';
import { postWebhook } from './infer/webhook.ts';
import { CostKeeper } from './lanes/cost-keeper.ts';
import { LaneHost } from './lanes/lane-host.ts';
import { loadLaneSettings, patchLaneSettings, saveLaneSettings } from './lanes/lane-settings.ts';
import { LaneTimeline } from './lanes/lane-timeline.ts';
import { PictureRelay } from './media/picture-relay.ts';
import { StillService } from './media/still-service.ts';
import { defaultModelId, ModelService, type Model } from './models/model-service.ts';
import { prepareWork } from './models/work.ts';
import { LoadTestService } from './load-test/load-test-service.ts';
import { NoticeBoard } from './notices/notice-board.ts';
import { CapacityService } from './planner/capacity-service.ts';
import { SelfCheckService } from './planner/self-check-service.ts';
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
  const intraOpThreads = Math.min(8, availableParallelism());
  const providers: ProviderKeeper = new ProviderKeeper({
    store,
    spawn: environment.spawnEngine,
    clock,
    log,
    intraOpThreads,
    likely: () => likelyProviders(thisMachine),
    pinned: environment.providers ?? null,
    onnxruntimeVersion: async (): Promise<string> => (await engine.whenVersions)['onnxruntime'] ?? 'unknown',
    trying: (text) => {
      engine.describeTrial(text);
    },
    changed: (modelId) => {
      lanes.forgetCosts(modelId);
      void costs.load(providers.places());
    },
  });
  /** Models that will run on something else once the engine has been replaced. */
  const moving = new Set<string>();
  const engineOptions: EngineHostOptions = {
    spawn: environment.spawnEngine,
    clock,
    log,
    providers: environment.providers ?? ['cpu'],
    chooser: providers,
    intraOpThreads,
    archiveWindow: FIRST_ARCHIVE_WINDOW_FRAMES,
    maxPixels: MAX_PICTURE_PIXELS,
    memory: { softBytes: Math.min(6 * 2 ** 30, totalmem() * 0.4), hardBytes: Math.min(10 * 2 ** 30, totalmem() * 0.6) },
  };
  const engine: EngineHost = new EngineHost(engineOptions);
  const lanes: LaneHost = new LaneHost(engine, clock, log, {
    contradicted: (contradiction) => {
      costs.forget(contradiction);
    },
    calibrationEnded: (modelId, failure) => {
      if (failure === null) {
        void notices.clear('calibration');
        capacity.ladderMeasured();
      } else
        void notices.raise(
          'warning',
          'calibration',
          `${modelId} was not measured: ${describeError(toErrorValue(failure))}`,
        );
    },
  });
  const timeline = new LaneTimeline(lanes.journal, store, clock, log);
  const stills = new StillService(store, engine, dataDir);
  const pictures = new PictureRelay((cameraId, maxFps) => {
    cameras.watchChanged(cameraId, maxFps);
  });
  const first = { engine, lanes };
  const fleet = new ArchiveFleet(first);
  const shared = { store, engine, lanes, models, notices, bus, clock, random, log, fleet };
  const cameras = new CameraService({ ...shared, stills, pictures });
  const jobs = new JobService(shared);
  const loadTests = new LoadTestService({ ...shared, stills, pictures, jobs, reportsDir: environment.reportsDir });
  const reports = createReportService({ store, clock, reportsDir: environment.reportsDir });
  const infer = new InferService({ engine, lanes, models, clock, settings: () => lanes.settings.api });
  const reviews = new ReviewService({
    ...shared,
    infer,
    pictures: new ReviewPictures(dataDir),
    post: environment.postWebhook ?? postWebhook,
  });
  const pictureStats = async (): Promise<PictureStats> => ({ infer: infer.counts(), review: await reviews.counts() });
  const monitor = new SystemMonitor(environment, store, engine, pictureStats);
  for (const owner of [lanes, cameras, pictures, timeline, infer, reviews])
    monitor.addQueueSource(() => owner.queues());
  /** Of models that were not asked for yet: their costs are known before they are loaded. */
  const listedHashes = new Map<string, string>();
  const costs = new CostKeeper(
    store,
    lanes,
    (modelId) => models.knownHash(modelId) ?? listedHashes.get(modelId) ?? null,
    (modelSha256, lane) => providers.placeOf(modelSha256, lane),
  );

  const furtherEngine = (threads: number): EngineHost => new EngineHost({ ...engineOptions, intraOpThreads: threads });
  const executors = new ExecutorKeeper({
    clock,
    log,
    first,
    fleet,
    halfCost: new HalfCost({ store, log, makeEngine: furtherEngine }),
    cores: availableParallelism(),
    threadsEach: intraOpThreads,
    settings: () => lanes.settings,
    cameras: () => {
      const live = cameras.statuses().filter(({ state }) => state === 'live');
      return { live: live.length, smallestSloMs: Math.min(Infinity, ...live.map(({ sloMs }) => sloMs)) };
    },
    work: async () =>
      jobs.latestWork ??
      prepareWork(
        await models.find(defaultModelId),
        { tier: 'normal', score: null, classes: null, fps: null, motionGate: false },
        store,
      ),
    make: (threads) => {
      const further = furtherEngine(threads);
      const itsLanes = new LaneHost(further, clock, log, { journal: lanes.journal, slot: fleet.count });
      itsLanes.configure(lanes.settings);
      return { engine: further, lanes: itsLanes };
    },
    itemNews: (news) => {
      jobs.itemNews(news);
    },
    itemsLost: (loss) => {
      jobs.engineLost(loss);
    },
  });
  const demo = demoFootage(environment.resourcesDir);
  const capacity = new CapacityService({
    ...shared,
    cameras,
    jobs,
    nightPath: demo?.nightPath ?? null,
    isUnderTest: () => loadTests.latest?.state === 'running',
  });
  const snapshot = (): LanesSnapshot => {
    const now = executors.snapshot();
    return { ...now, calibration: now.calibration ?? capacity.calibration };
  };
  const selfChecks = new SelfCheckService({ store, cameras, pictures, capacity, lanes: snapshot, clock });
  bus.subscribe((message) => {
    selfChecks.heard(message);
  });

  engine.listen({
    ready: () => {
      lanes.engineIsReady();
      cameras.engineIsReady();
      jobs.engineIsReady();
      reviews.engineIsReady();
      loadTests.engineIsReady();
      void notices.clear('engine-lost');
    },
    lost: ({ text, end, whilePreparing }) => {
      const running = lanes.engineLost(end);
      const items = new Set(fleet.itemsOf(first));
      if (providers.engineEnded(end, whilePreparing)) {
        for (const modelId of models.knownIds()) moving.add(modelId);
        void notices.raise('warning', 'device-set-aside', `${text}. Until the next start the CPU does the work.`);
      }
      for (const modelId of moving) lanes.forgetCosts(modelId);
      moving.clear();
      cameras.engineLost(text);
      loadTests.engineLost(text);
      jobs.engineLost({ running, end, items, isFirst: true });
      reviews.engineLost(running, end);
      infer.engineLost();
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
          if (!capacity.itemNews(message)) jobs.itemNews(message);
          break;
        case 'picture-failed':
          if (!infer.pictureFailed(message)) reviews.pictureFailed(message);
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
  lanes.configure(await loadLaneSettings(store, log));
  await models.find(defaultModelId);
  for (const { id, sha256 } of await models.list().catch(() => [])) listedHashes.set(id, sha256);
  await providers.load();
  await costs.load(providers.places());
  await capacity.load();
  await selfChecks.load();
  const lanesTimer = setInterval(() => {
    const now = snapshot();
    bus.emit('lanes.snapshot', now);
    capacity.look(now);
    void selfChecks.look();
  }, LANES_MS);
  timeline.start();
  engine.start();
  await cameras.load(environment.openCameras);
  await jobs.load(environment.resumeJobs);
  if (environment.resumeJobs) await reviews.load();

  /** Measures anew what the model runs on; the engine is replaced where that is another one. */
  const tryProviders = async (model: Model, which: 'all' | 'likely'): Promise<EngineState['providersTried']> => {
    const { tried, changed } = await providers.measure(model, which);
    if (changed) {
      moving.add(model.manifest.id);
      lanes.recycle();
    }
    return tried;
  };

  const handlers: Handlers = {
    'app.overview': async () => ({
      cameras: cameras.list(),
      statuses: cameras.statuses(),
      jobs: jobs.list(),
      models: await models.list(),
      notices: notices.notices,
      lanes: snapshot(),
      system: await monitor.status(),
      demo,
      tariff: capacity.tariff,
    }),
    'cameras.add': (settings) => cameras.add(settings),
    'cameras.update': ({ id, settings }) => cameras.update(id, settings),
    'cameras.remove': ({ id }) => cameras.remove(id),
    'jobs.create': (spec) => jobs.create(spec),
    'jobs.estimate': async (spec) => {
      const model = await models.find(spec.modelId);
      const work = await prepareWork(model, { ...spec, fps: null }, store);
      return estimate(spec, lanes.pictureMs(work.shape), () => clock.monoMs());
    },
    'jobs.get': ({ id }) => jobs.get(id),
    'jobs.pause': ({ id }) => jobs.pause(id),
    'jobs.resume': ({ id }) => jobs.resume(id),
    'jobs.cancel': ({ id }) => jobs.cancel(id),
    'jobs.retryFailed': ({ id }) => jobs.retryFailed(id),
    'jobs.failures': ({ id, offset, limit }) => jobs.failures(id, offset, limit),
    'review.list': (request) => {
      if (request.filter.kind !== 'detection') selfChecks.read(request.filter.cameraIds);
      return store.call('review.list', request);
    },
    'review.mark': (request) => store.call('events.mark', request),
    'reports.preview': (scope) => {
      if (scope.jobId === null) selfChecks.read(scope.cameraId === null ? [] : [scope.cameraId]);
      return reports.preview(scope);
    },
    'reports.export': (request) => {
      const { jobId, cameraId } = request.scope;
      if (jobId === null) selfChecks.read(cameraId === null ? [] : [cameraId]);
      return reports.export(request);
    },
    'reports.list': () => reports.list(),
    'models.list': () => models.list(),
    'system.status': () => monitor.status(),
    'system.tryProviders': async () => tryProviders(await models.find(defaultModelId), 'all'),
    'system.selfCheck': () => selfChecks.findings(),
    'lanes.configure': async (patch) => {
      const settings = patchLaneSettings(lanes.settings, patch);
      await saveLaneSettings(store, settings);
      lanes.configure(settings);
      executors.configure(settings);
      bus.emit('lanes.snapshot', snapshot());
      return settings;
    },
    'lanes.timeline': (range) => timeline.read(range),
    'lanes.calibrate': async ({ modelId, tier }) => {
      const { whole, usual } = await capacity.workOf(modelId, tier);
      capacity.calibrationAsked(whole, tier);
      await tryProviders(usual.model, 'likely');
      await lanes.calibrate(usual);
    },
    'lanes.stopCalibration': () => {
      lanes.stopCalibration();
      capacity.stopMeasuring();
      return Promise.resolve();
    },
    'plan.capacity': (question) => capacity.capacity(question),
    'plan.batch': (question) => Promise.resolve(planBatch(question)),
    'plan.advise': (question) => Promise.resolve(advise(question)),
    'plan.setTariff': (tariff) => capacity.setTariff(tariff),
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
    pictures: {
      admit: (bytes, deadlineMs) => infer.admit(bytes, deadlineMs),
      infer: (admission, bytes, options) => infer.infer(admission, bytes, options),
      review: (admission, bytes, options) => reviews.review(admission, bytes, options),
      findReview: (id) => reviews.find(id),
      stats: pictureStats,
    },
    addQueueSource: (source) => monitor.addQueueSource(source),
    close: () => {
      clearInterval(lanesTimer);
      return putAway([
        () => loadTests.close(),
        () => {
          infer.close();
          reviews.close();
        },
        () => capacity.close(),
        () => selfChecks.close(),
        () => cameras.close(),
        () => jobs.close(),
        () => executors.close(),
        () => {
          lanes.close();
        },
        () => engine.stop(),
        () => {
          monitor.close();
        },
        () => timeline.close(),
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
