import { chmod, mkdir } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import type { LanesSnapshot } from '../shared/domain/lanes.ts';
import type { PictureStats } from '../shared/domain/picture-api.ts';
import { describeError, toErrorValue } from '../shared/errors.ts';
import { openStore } from '../store/client.ts';
import type { App } from './app.ts';
import { CameraService } from './cameras/camera-service.ts';
import { cameraTimes } from './cameras/camera-times.ts';
import { HealthService } from './cameras/health-service.ts';
import { demoFootage } from './demo-footage.ts';
import { DecoderKeeper } from './engine-host/decoder-keeper.ts';
import { EngineHost, type EngineHostOptions } from './engine-host/engine-host.ts';
import { likelyDecoders } from './engine-host/likely-decoders.ts';
import { likelyProviders } from './engine-host/likely-providers.ts';
import { thisMachine } from './engine-host/machine-look.ts';
import { ProviderKeeper } from './engine-host/provider-keeper.ts';
import { engineListener } from './engine-listener.ts';
import { EventBus } from './event-bus.ts';
import { nameOwner } from './gateway/name-owner.ts';
import { makeHandlers } from './handlers.ts';
import { InferService } from './infer/infer-service.ts';
import { ReviewPictures } from './infer/review-pictures.ts';
import { ReviewService } from './infer/review-service.ts';
import { postWebhook } from './infer/webhook.ts';
import { ArchiveFleet } from './instances/archive-fleet.ts';
import { keepExecutors } from './instances/keep-executors.ts';
import { ArchiveSharing } from './jobs/archive-sharing.ts';
import { JobService } from './jobs/job-service.ts';
import { CostKeeper } from './lanes/cost-keeper.ts';
import { LaneHost } from './lanes/lane-host.ts';
import { loadLaneSettings } from './lanes/lane-settings.ts';
import { LaneTimeline } from './lanes/lane-timeline.ts';
import { LoadTestService } from './load-test/load-test-service.ts';
import { openViewer } from './media/open-viewer.ts';
import { PacketRelay } from './media/packet-relay.ts';
import { PictureRelay } from './media/picture-relay.ts';
import { StillService } from './media/still-service.ts';
import { defaultModelId, ModelService } from './models/model-service.ts';
import { NoticeBoard } from './notices/notice-board.ts';
import { CapacityService } from './planner/capacity-service.ts';
import { SelfCheckService } from './planner/self-check-service.ts';
import type { AppEnvironment } from './ports.ts';
import { putAway } from './put-away.ts';
import { CameraTimelines } from './recording/camera-timelines.ts';
import { PlaybackService } from './recording/playback-service.ts';
import { RecordingService } from './recording/recording-service.ts';
import { RepairService } from './repairs/repair-service.ts';
import { createReportService } from './reports/report-service.ts';
import { ScheduleService } from './schedules/schedule-service.ts';
import { SystemMonitor, type WatchedStore } from './system/system-monitor.ts';
import { WallService } from './wall/wall-service.ts';

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
  const decoders: DecoderKeeper = new DecoderKeeper({
    store,
    spawn: environment.spawnEngine,
    clock,
    log,
    likely: () => likelyDecoders(thisMachine),
    pinned: environment.decoders ?? null,
    ffmpegVersion: async (): Promise<string> => (await engine.whenVersions)['ffmpeg'] ?? 'unknown',
    changed: () => {
      cameras.openAnew();
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
    if (!playback.watchChanged(cameraId, maxFps)) cameras.watchChanged(cameraId, maxFps);
  });
  const packets = new PacketRelay((cameraId, on) => {
    cameras.streamChanged(cameraId, on);
  });
  const first = { engine, lanes };
  const fleet = new ArchiveFleet(first);
  const sharing = new ArchiveSharing();
  const times = environment.cameraTimes ?? cameraTimes;
  const { secrets } = environment;
  const ownPorts = new Set<number>();
  let openings = 0;
  const nextOpening = (): number => (openings += 1);
  const shared = {
    ...{ store, engine, lanes, models, notices, bus, clock, random, log, fleet, sharing },
    ...{ times, secrets, ownPorts, nextOpening },
  };
  const recordings = new RecordingService({
    ...shared,
    dataDir,
    reportsDir: environment.reportsDir,
    cameras: () => ({ list: cameras.list(), statuses: cameras.statuses() }),
  });
  const health = new HealthService({
    ...shared,
    dataDir,
    cameras: { list: () => cameras.list(), statuses: () => cameras.statuses() },
  });
  const playback = new PlaybackService({ engine, footage: recordings.index, bus, clock });
  const cameras: CameraService = new CameraService({
    ...shared,
    stills,
    pictures,
    packets,
    recordings,
    decoders,
    health,
  });
  const jobs = new JobService(shared);
  const repairs = new RepairService({
    ...shared,
    dataDir,
    cameras: { list: () => cameras.list(), update: (id, change) => cameras.update(id, change) },
    footageIsKnown: () => recordings.footageIsKnown(),
  });
  const schedules = new ScheduleService({ ...shared, jobs });
  const loadTests = new LoadTestService({
    ...shared,
    stills,
    pictures,
    packets,
    jobs,
    reportsDir: environment.reportsDir,
  });
  const reports = createReportService({
    store,
    clock,
    reportsDir: environment.reportsDir,
    health: (cameraId) => health.lines(cameraId),
  });
  const infer = new InferService({ engine, lanes, models, clock, settings: () => lanes.settings.api });
  const reviews = new ReviewService({
    ...shared,
    infer,
    pictures: new ReviewPictures(dataDir),
    post: environment.postWebhook ?? postWebhook,
  });
  const pictureStats = async (): Promise<PictureStats> => ({ infer: infer.counts(), review: await reviews.counts() });
  const monitor = new SystemMonitor(environment, store, engine, () => decoders.state, pictureStats);
  for (const owner of [lanes, cameras, recordings, repairs, pictures, packets, timeline, infer, reviews])
    monitor.addQueueSource(() => owner.queues());
  /** Of models that were not asked for yet: their costs are known before they are loaded. */
  const listedHashes = new Map<string, string>();
  const costs = new CostKeeper(
    store,
    lanes,
    (modelId) => models.knownHash(modelId) ?? listedHashes.get(modelId) ?? null,
    (modelSha256, lane) => providers.placeOf(modelSha256, lane),
  );

  const executors = keepExecutors({
    ...shared,
    engineOptions,
    cores: availableParallelism(),
    first,
    cameras,
    jobs: {
      get latestWork() {
        return jobs.latestWork;
      },
      itemNews: (news) => {
        if (!repairs.itemNews(news)) jobs.itemNews(news);
      },
      engineLost: (loss) => {
        jobs.engineLost(loss);
        repairs.engineLost(loss);
      },
    },
  });
  const demo = demoFootage(environment.resourcesDir);
  const capacity = new CapacityService({
    ...shared,
    cameras,
    jobs,
    nightPath: demo?.nightPath ?? null,
    tests: loadTests,
    ownProcessorMs: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1_000;
    },
  });
  const snapshot = (): LanesSnapshot => {
    const now = executors.snapshot();
    return { ...now, calibration: now.calibration ?? capacity.calibration };
  };
  const selfChecks = new SelfCheckService({ store, cameras, pictures, capacity, lanes: snapshot, clock });
  bus.subscribe((message) => {
    selfChecks.heard(message);
    recordings.heard(message);
    health.heard(message);
    schedules.heard(message);
  });

  const services = {
    ...shared,
    providers,
    decoders,
    moving,
    cameras,
    health,
    recordings,
    playback,
    pictures,
    packets,
    jobs,
    repairs,
    schedules,
    loadTests,
    infer,
    reviews,
    capacity,
  };
  engine.listen(engineListener({ ...services, first }));

  // A crash left them open; how long they went on after their best picture is not known.
  await store.call('events.closeOpen', { endMs: 0 });
  lanes.configure(await loadLaneSettings(store, log));
  await models.find(defaultModelId);
  for (const { id, sha256 } of await models.list().catch(() => [])) listedHashes.set(id, sha256);
  await providers.load();
  await decoders.load();
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
  const records = environment.records ?? environment.openCameras;
  recordings.activate(records);
  engine.start();
  await cameras.load(environment.openCameras);
  if (environment.openCameras) await health.load();
  await recordings.load();
  await jobs.load(environment.resumeJobs);
  await schedules.load(environment.resumeJobs);
  if (records) repairs.start();
  if (environment.resumeJobs) await reviews.load();

  const handlers = makeHandlers({
    ...services,
    timeline,
    executors,
    selfChecks,
    reports,
    monitor,
    cameraTimelines: new CameraTimelines({
      store,
      clock,
      footage: (range) => recordings.index.stretches(range),
      sizeOf: (cameraId) => {
        const { width = null, height = null } = cameras.statuses().find((one) => one.cameraId === cameraId) ?? {};
        return width === null || height === null ? null : { width, height };
      },
      historyUpToNow: () => cameras.historyUpToNow(),
    }),
    wall: new WallService({ store, bus, log }),
    snapshot,
    demo,
    dialogs: environment.dialogs,
  });

  return {
    handlers,
    subscribe: (listener) => bus.subscribe(listener),
    openViewer: (deliver) => openViewer({ pictures, packets }, deliver),
    still: (kind, id, width) => stills.still(kind, id, width),
    pictures: {
      admit: (bytes, deadlineMs) => infer.admit(bytes, deadlineMs),
      infer: (admission, bytes, options) => infer.infer(admission, bytes, options),
      review: (admission, bytes, options) => reviews.review(admission, bytes, options),
      findReview: (id) => reviews.find(id),
      stats: pictureStats,
    },
    addQueueSource: (source) => monitor.addQueueSource(source),
    listensOn: (port) => {
      ownPorts.add(port);
      return () => ownPorts.delete(port);
    },
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
        () => health.close(),
        () => {
          playback.closeAll();
        },
        () => recordings.close(),
        () => repairs.close(),
        () => schedules.close(),
        () => jobs.close(),
        () => executors.close(),
        () => {
          lanes.close();
        },
        () => engine.stop(),
        () => decoders.close(),
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
