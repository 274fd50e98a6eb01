import { EngineHost, type EngineHostOptions } from '../engine-host/engine-host.ts';
import type { CameraService } from '../cameras/camera-service.ts';
import type { JobService } from '../jobs/job-service.ts';
import { LaneHost } from '../lanes/lane-host.ts';
import { defaultModelId, type ModelService } from '../models/model-service.ts';
import { prepareWork } from '../models/work.ts';
import type { StoreClient } from '../../store/operations.ts';
import type { ArchiveFleet } from './archive-fleet.ts';
import { ExecutorKeeper, type FurtherExecutor } from './executor-keeper.ts';
import { HalfCost } from './half-cost.ts';

export interface KeptExecutors {
  /** Further engines differ from the first in their threads only. */
  readonly engineOptions: EngineHostOptions;
  readonly cores: number;
  readonly first: FurtherExecutor;
  readonly fleet: ArchiveFleet;
  readonly store: StoreClient;
  readonly models: ModelService;
  readonly cameras: CameraService;
  readonly jobs: Pick<JobService, 'latestWork' | 'itemNews' | 'engineLost'>;
}

/** The keeper of the executors, as the application uses it: it looks after them from now on. */
export function keepExecutors(deps: KeptExecutors): ExecutorKeeper {
  const { engineOptions, cores, first, fleet, store, models, cameras, jobs } = deps;
  const { clock, log, intraOpThreads } = engineOptions;
  const { lanes } = first;
  const furtherEngine = (threads: number): EngineHost => new EngineHost({ ...engineOptions, intraOpThreads: threads });
  return new ExecutorKeeper({
    clock,
    log,
    first,
    fleet,
    halfCost: new HalfCost({ store, log, makeEngine: furtherEngine }),
    cores,
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
      const engine = furtherEngine(threads);
      const itsLanes = new LaneHost(engine, clock, log, { journal: lanes.journal, slot: fleet.count });
      itsLanes.configure(lanes.settings);
      return { engine, lanes: itsLanes };
    },
    itemNews: (news) => {
      jobs.itemNews(news);
    },
    itemsLost: (loss) => {
      jobs.engineLost(loss);
    },
  });
}
