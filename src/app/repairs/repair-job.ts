import type { Clock } from '../../core/ports.ts';
import type { ArchiveFleet } from '../instances/archive-fleet.ts';
import { RunMeter } from '../jobs/run-meter.ts';
import type { PreparedWork } from '../models/work.ts';
import { repairJobId } from './repair-summary.ts';

/** The least that a job can have: scans that somebody asked for do not wait for it. */
export const repairWeight = 1;

/** One call of the engine, as a frame that was in it tells of it. */
export interface RepairCall {
  readonly frames: number;
  readonly places: number;
}

export interface RepairJobHooks {
  /** It took its place in the lane, or has left it. */
  readonly openChanged: () => void;
  /** One frame, as part of a call. */
  readonly analysed: (call: RepairCall) => void;
}

/** One camera's place in the archive lane: open while frames of it are in the engine. */
export class RepairJob {
  readonly cameraId: string;
  readonly jobId: string;
  readonly meter: RunMeter;
  /** Frames that are still to be repaired, as last counted. */
  left = 0;
  readonly #fleet: ArchiveFleet;
  readonly #hooks: RepairJobHooks;
  #work: PreparedWork | null = null;
  #isOpen = false;
  #expectsMore = true;

  constructor(cameraId: string, fleet: ArchiveFleet, clock: Clock, hooks: RepairJobHooks) {
    this.cameraId = cameraId;
    this.jobId = repairJobId(cameraId);
    this.#fleet = fleet;
    this.#hooks = hooks;
    this.meter = new RunMeter(clock);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get latestWork(): PreparedWork | null {
    return this.#work;
  }

  open(name: string, work: PreparedWork): void {
    this.#work = work;
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#expectsMore = true;
    this.meter.start();
    const left = (): number => this.left;
    this.#fleet.openJob({ jobId: this.jobId, name, batch: 'auto', weight: repairWeight, left }, [work]);
    this.#hooks.openChanged();
  }

  /** A chunk need not wait for company that will not come. */
  expects(more: boolean): void {
    if (!this.#isOpen || more === this.#expectsMore) return;
    this.#expectsMore = more;
    this.#fleet.jobExpects(this.jobId, more);
  }

  fitted(sourceWidth: number, sourceHeight: number): void {
    this.#work = this.#work?.fitted(sourceWidth, sourceHeight) ?? null;
  }

  analysed(call: RepairCall): void {
    this.meter.analysed(call);
    this.#hooks.analysed(call);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.meter.stop();
    this.#fleet.closeJob(this.jobId);
    this.#hooks.openChanged();
  }
}
