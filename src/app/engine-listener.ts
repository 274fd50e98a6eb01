import type { CameraService } from './cameras/camera-service.ts';
import { cameraOfLarge } from './cameras/large-source.ts';
import type { HealthService } from './cameras/health-service.ts';
import type { EngineListener } from './engine-host/engine-host.ts';
import type { DecoderKeeper } from './engine-host/decoder-keeper.ts';
import type { ProviderKeeper } from './engine-host/provider-keeper.ts';
import type { EventBus } from './event-bus.ts';
import type { InferService } from './infer/infer-service.ts';
import type { ReviewService } from './infer/review-service.ts';
import type { ArchiveFleet, Executor } from './instances/archive-fleet.ts';
import type { JobService } from './jobs/job-service.ts';
import type { LaneHost } from './lanes/lane-host.ts';
import type { LoadTestService } from './load-test/load-test-service.ts';
import type { PacketRelay } from './media/packet-relay.ts';
import type { PictureRelay } from './media/picture-relay.ts';
import type { ModelService } from './models/model-service.ts';
import type { NoticeBoard } from './notices/notice-board.ts';
import type { CapacityService } from './planner/capacity-service.ts';
import type { PlaybackService } from './recording/playback-service.ts';
import type { RecordingService } from './recording/recording-service.ts';
import type { RepairService } from './repairs/repair-service.ts';

export interface EngineHearers {
  readonly bus: EventBus;
  readonly notices: NoticeBoard;
  readonly models: ModelService;
  readonly providers: ProviderKeeper;
  readonly decoders: DecoderKeeper;
  readonly lanes: LaneHost;
  readonly fleet: ArchiveFleet;
  /** The executor whose engine is listened to. */
  readonly first: Executor;
  readonly cameras: CameraService;
  readonly health: HealthService;
  readonly pictures: PictureRelay;
  readonly packets: PacketRelay;
  readonly jobs: JobService;
  readonly repairs: RepairService;
  readonly loadTests: LoadTestService;
  readonly infer: InferService;
  readonly recordings: RecordingService;
  readonly playback: PlaybackService;
  readonly reviews: ReviewService;
  readonly capacity: CapacityService;
  /** Models that will run on something else once the engine has been replaced. */
  readonly moving: Set<string>;
}

/** Who hears what of the first engine, and in which order: the lanes know of an end before those whose frames they held. */
export function engineListener(hearers: EngineHearers): EngineListener {
  const { bus, notices, models, providers, decoders, lanes, fleet, first, moving } = hearers;
  const { cameras, health, recordings, playback, pictures, packets, jobs } = hearers;
  const { repairs, loadTests, infer, reviews, capacity } = hearers;
  return {
    ready: () => {
      lanes.engineIsReady();
      recordings.engineIsReady();
      playback.engineIsReady();
      cameras.engineIsReady();
      jobs.engineIsReady();
      repairs.engineIsReady();
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
      if (decoders.engineEnded(end, cameras.hardwareAtWork)) {
        void notices.raise('warning', 'hardware-set-aside', `${text}. From now on the processor decodes the cameras.`);
      }
      for (const modelId of moving) lanes.forgetCosts(modelId);
      moving.clear();
      cameras.engineLost(text);
      recordings.engineLost();
      loadTests.engineLost(text);
      jobs.engineLost({ running, end, items, isFirst: true });
      repairs.engineLost({ running, end, items, isFirst: true });
      reviews.engineLost(running, end);
      infer.engineLost();
      void notices.raise('warning', 'engine-lost', `${text}. Cameras and scans go on by themselves.`);
    },
    message: (message) => {
      switch (message.type) {
        case 'camera-opened':
        case 'camera-decoder':
        case 'camera-health':
        case 'camera-closed':
          if (!loadTests.message(message)) cameras.message(message);
          break;
        case 'camera-figures':
          health.figures(message);
          break;
        case 'recording':
          recordings.message(cameraOfLarge(message.cameraId) ?? message.cameraId, message.news);
          break;
        case 'playing':
          playback.message(message.session, message.progress);
          break;
        case 'item-opened':
        case 'item-ended':
        case 'item-failed':
          if (!capacity.itemNews(message) && !repairs.itemNews(message)) jobs.itemNews(message);
          break;
        case 'picture-failed':
          if (!infer.pictureFailed(message)) reviews.pictureFailed(message);
          break;
        case 'picture': {
          const { type: _type, jpeg, ...header } = message;
          pictures.push(header, jpeg);
          break;
        }
        case 'packets': {
          const { type: _type, leftOut, ...batch } = message;
          packets.push({ ...batch, cameraId: cameraOfLarge(batch.cameraId) ?? batch.cameraId }, leftOut);
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
  };
}
