import { homedir } from 'node:os';
import { advise } from '../core/planner/advisor.ts';
import { planBatch } from '../core/planner/batch-plan.ts';
import type { Clock } from '../core/ports.ts';
import type { Handlers, Overview } from '../shared/contract/calls.ts';
import type { LanesSnapshot } from '../shared/domain/lanes.ts';
import type { EngineState } from '../shared/domain/system.ts';
import type { StoreClient } from '../store/operations.ts';
import type { CameraService } from './cameras/camera-service.ts';
import { importCameras } from './cameras/import-cameras.ts';
import { changeMany } from './cameras/change-many.ts';
import type { HealthService } from './cameras/health-service.ts';
import type { DecoderKeeper } from './engine-host/decoder-keeper.ts';
import type { ProviderKeeper } from './engine-host/provider-keeper.ts';
import type { EventBus } from './event-bus.ts';
import { browse } from './files/browse.ts';
import type { ExecutorKeeper } from './instances/executor-keeper.ts';
import { estimate } from './jobs/estimate.ts';
import type { JobService } from './jobs/job-service.ts';
import type { LaneHost } from './lanes/lane-host.ts';
import { patchLaneSettings, saveLaneSettings } from './lanes/lane-settings.ts';
import type { LaneTimeline } from './lanes/lane-timeline.ts';
import type { LoadTestService } from './load-test/load-test-service.ts';
import { defaultModelId, type Model, type ModelService } from './models/model-service.ts';
import { prepareWork } from './models/work.ts';
import type { NoticeBoard } from './notices/notice-board.ts';
import type { CapacityService } from './planner/capacity-service.ts';
import type { SelfCheckService } from './planner/self-check-service.ts';
import type { Dialogs } from './ports.ts';
import type { CameraTimelines } from './recording/camera-timelines.ts';
import type { PlaybackService } from './recording/playback-service.ts';
import type { RecordingService } from './recording/recording-service.ts';
import type { RepairService } from './repairs/repair-service.ts';
import type { ReportService } from './reports/report-service.ts';
import type { ScheduleService } from './schedules/schedule-service.ts';
import type { SystemMonitor } from './system/system-monitor.ts';
import type { WallService } from './wall/wall-service.ts';

export interface HandlerServices {
  readonly store: StoreClient;
  readonly clock: Clock;
  readonly bus: EventBus;
  readonly models: ModelService;
  readonly notices: NoticeBoard;
  readonly lanes: LaneHost;
  readonly timeline: LaneTimeline;
  readonly cameras: CameraService;
  readonly health: HealthService;
  readonly jobs: JobService;
  readonly repairs: RepairService;
  readonly schedules: ScheduleService;
  readonly executors: ExecutorKeeper;
  readonly providers: ProviderKeeper;
  readonly decoders: DecoderKeeper;
  readonly capacity: CapacityService;
  readonly selfChecks: SelfCheckService;
  readonly loadTests: LoadTestService;
  readonly recordings: RecordingService;
  readonly playback: PlaybackService;
  readonly cameraTimelines: CameraTimelines;
  readonly reports: ReportService;
  readonly monitor: SystemMonitor;
  readonly wall: WallService;
  /** The lanes of all executors, and what is measured of them. */
  readonly snapshot: () => LanesSnapshot;
  readonly demo: Overview['demo'];
  /** Null: the host has none. */
  readonly dialogs: Dialogs | null;
  /** Models that will run on something else once the engine has been replaced. */
  readonly moving: Set<string>;
}

/** Who answers which call of the contract. */
export function makeHandlers(services: HandlerServices): Handlers {
  const { store, clock, bus, models, notices, lanes, timeline, cameras, jobs, executors, providers } = services;
  const { repairs, health, capacity, selfChecks, loadTests, recordings, playback, reports, monitor, wall } = services;
  const { cameraTimelines, schedules, snapshot, demo, dialogs, moving } = services;

  /** Measures anew what the model runs on; the engine is replaced where that is another one. */
  const tryProviders = async (model: Model, which: 'all' | 'likely'): Promise<EngineState['providersTried']> => {
    const { tried, changed } = await providers.measure(model, which);
    if (changed) {
      moving.add(model.manifest.id);
      lanes.recycle();
    }
    return tried;
  };

  return {
    'app.overview': async () => ({
      cameras: cameras.list(),
      statuses: cameras.statuses(),
      jobs: [...jobs.list(), ...(await repairs.summaries())],
      models: await models.list(),
      notices: notices.notices,
      lanes: snapshot(),
      system: await monitor.status(),
      demo,
      tariff: capacity.tariff,
      loginProtection: cameras.loginProtection,
    }),
    'cameras.add': ({ login, ...settings }) => cameras.add(settings, login),
    'cameras.update': ({ id, settings }) => cameras.update(id, settings),
    'cameras.updateMany': ({ ids, settings }) => changeMany(ids, (id) => cameras.change(id, settings)),
    'cameras.setPassword': ({ ids, login }) => changeMany(ids, (id) => cameras.setLogin(id, login)),
    'cameras.probe': (question) => cameras.finder.probe(question),
    'cameras.import': (request) => importCameras(request, cameras),
    'cameras.discover': ({ waitMs }) => cameras.finder.discover(waitMs),
    'cameras.onvifStreams': (question) => cameras.finder.onvifStreams(question),
    'cameras.remove': ({ id }) => cameras.remove(id),
    'cameras.history': ({ cameraId, fromMs, toMs }) => cameras.history(cameraId, fromMs, toMs),
    'cameras.timeline': (request) => cameraTimelines.read(request),
    'cameras.health': ({ cameraId }) => health.view(cameraId),
    'cameras.acceptNormal': ({ cameraId }) => health.acceptNormal(cameraId),
    'jobs.create': (spec) => jobs.create(spec),
    'jobs.estimate': async (spec) => {
      const model = await models.find(spec.modelId);
      const work = await prepareWork(model, { ...spec, fps: null }, store);
      const counted = await estimate(spec, lanes.pictureMs(work.shape), () => clock.monoMs());
      const { expectedMs, besideJobs } = jobs.expectedEnd(spec, counted.expectedMs ?? 0);
      return { ...counted, expectedMs: counted.expectedMs === null ? null : expectedMs, besideJobs };
    },
    'jobs.get': ({ id }) => (repairs.owns(id) ? repairs.get(id) : jobs.get(id)),
    'jobs.pause': ({ id }) => (repairs.owns(id) ? repairs.switch(id, false) : jobs.pause(id)),
    'jobs.resume': ({ id }) => (repairs.owns(id) ? repairs.switch(id, true) : jobs.resume(id)),
    'jobs.cancel': ({ id }) => jobs.cancel(id),
    'jobs.retryFailed': ({ id }) => jobs.retryFailed(id),
    'jobs.failures': ({ id, offset, limit }) =>
      repairs.owns(id) ? repairs.failures(id) : jobs.failures(id, offset, limit),
    'schedules.list': () => Promise.resolve(schedules.list()),
    'schedules.create': (settings) => schedules.create(settings),
    'schedules.update': ({ id, settings }) => schedules.update(id, settings),
    'schedules.remove': ({ id }) => schedules.remove(id),
    'schedules.runNow': ({ id }) => schedules.runNow(id),
    'schedules.history': ({ id, limit }) => schedules.history(id, limit),
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
    'recordings.coverage': (range) => recordings.index.coverage(range),
    'playback.open': (request) => playback.open(request),
    'playback.control': (request) => playback.control(request),
    'playback.close': ({ sessionId }) => Promise.resolve(playback.close(sessionId)),
    'playback.found': (range) => cameraTimelines.found(range),
    'recordings.status': () => recordings.status(),
    'recordings.keep': (range) => recordings.index.keep(range, true),
    'recordings.unkeep': (range) => recordings.index.keep(range, false),
    'recordings.export': (request) => recordings.exports.export(request),
    'repairs.start': async () => {
      await recordings.tend();
      repairs.start();
    },
    'models.list': () => models.list(),
    'system.status': () => monitor.status(),
    'system.tryProviders': async () => tryProviders(await models.find(defaultModelId), 'all'),
    'system.tryDecoders': () => services.decoders.tryAll(),
    'system.setHardwareDecode': ({ mode }) => services.decoders.setMode(mode),
    'system.selfCheck': () => selfChecks.findings(),
    'lanes.configure': async (patch) => {
      const settings = patchLaneSettings(lanes.settings, patch);
      await saveLaneSettings(store, settings);
      lanes.configure(settings);
      executors.configure(settings);
      jobs.settingsChanged();
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
    'wall.get': () => wall.read(),
    'wall.save': (change) => wall.save(change),
    'notices.list': () => Promise.resolve(notices.notices),
    'notices.dismiss': ({ id }) => notices.dismiss(id),
    'files.browse': ({ path }) => browse(path ?? homedir()),
    'files.choose': async (request) => {
      return dialogs === null
        ? { available: false, paths: [] }
        : { available: true, paths: await dialogs.choose(request) };
    },
  };
}
