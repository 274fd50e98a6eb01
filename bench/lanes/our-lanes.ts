import type { FrameSink } from '../../src/app/lanes/frame-sink.ts';
import { LaneHost } from '../../src/app/lanes/lane-host.ts';
import type { PreparedWork } from '../../src/app/models/work.ts';
import { systemClock } from '../../src/app/system-clock.ts';
import { defaultLaneSettings, type SchedulingMode } from '../../src/shared/domain/lanes.ts';
import type { FromEngine, Ticket } from '../../src/shared/engine/protocol.ts';
import type { BenchEngine } from '../engine/bench-engine.ts';
import { silentLog } from '../silent-log.ts';
import type { LaneMeter } from './lane-account.ts';
import { endlessItem, feedEndless, type Policy, type Shift } from './policy.ts';

const jobId = 'archive';
/** Frames that wait when the trace is over have had this long to be run. */
const drainLimitMs = 2_000;

export interface OurSettings {
  readonly mode: SchedulingMode;
  readonly batch: 'auto' | number;
}

/** The product: its LaneHost over its EngineHost, driven as the application drives it. */
export class OurLanes implements Policy {
  readonly #engine: BenchEngine;
  readonly #lanes: LaneHost;
  readonly #work: PreparedWork;
  #settings: OurSettings = { mode: 'strict', batch: 'auto' };
  #shift: Shift | null = null;

  constructor(engine: BenchEngine, work: PreparedWork) {
    this.#engine = engine;
    this.#work = work;
    this.#lanes = new LaneHost(engine.host, systemClock, silentLog);
  }

  /** Warms what the lanes need at once; the wider sizes come as the product warms them, when there is work for them. */
  async open(): Promise<void> {
    this.#drive();
    this.#lanes.engineIsReady();
    await Promise.all([this.#lanes.prepare(this.#work, 'live'), this.#lanes.prepare(this.#work, 'archive')]);
  }

  isWarm(lane: 'live' | 'archive', batch: number): boolean {
    return this.#lanes.predictMs(this.#work.shape, lane, batch) !== null;
  }

  with(settings: OurSettings): this {
    this.#settings = settings;
    return this;
  }

  begin(shift: Shift): void {
    this.#shift = shift;
    this.#drive();
    this.#lanes.engineIsReady(); // its archive window again: another policy may have set its own
    this.#lanes.configure({ ...defaultLaneSettings, mode: this.#settings.mode });
    const { shape } = this.#work;
    for (const cameraId of shift.cameras) {
      const sink = sinkOf(shift.meter);
      this.#lanes.openCamera({ cameraId, name: cameraId, sloMs: shift.sloMs, weight: 'normal', shape, sink });
      this.#lanes.cameraLive(cameraId);
    }
    if (!shift.archive) return;
    this.#lanes.openJob({ jobId, name: jobId, batch: this.#settings.batch });
    this.#lanes.openItem({ item: endlessItem, jobId, shape, isAlone: () => false, sink: sinkOf(shift.meter) });
    this.#engine.host.send(feedEndless(this.#work));
  }

  async end(): Promise<void> {
    const { cameras, archive } = this.#shift ?? { cameras: [], archive: false };
    this.#shift = null;
    // The last frames may still be on their way here: a camera that is closed before they come would count them as missed.
    await this.#engine.settled();
    await Promise.all(cameras.map((cameraId) => this.#lanes.drainCamera(cameraId, drainLimitMs)));
    if (archive) {
      this.#engine.host.send({ type: 'drop-item', item: endlessItem });
      this.#lanes.closeItem(endlessItem);
      this.#lanes.closeJob(jobId);
    }
    for (const cameraId of cameras) this.#lanes.closeCamera(cameraId);
    await this.#engine.settled();
  }

  close(): void {
    this.#lanes.close();
  }

  #drive(): void {
    this.#engine.driver = {
      message: (message: FromEngine) => {
        this.#lanes.message(message);
      },
    };
  }
}

function sinkOf(meter: LaneMeter): FrameSink {
  return {
    captured: (ticket) => {
      meter.captured(ticket);
    },
    analysed: (ticket, _detections, run) => {
      meter.analysed(ticket, run, systemClock.monoMs());
    },
    dropped: (ticket: Ticket, reason) => {
      meter.dropped(ticket, reason);
    },
    lost: () => undefined,
  };
}
