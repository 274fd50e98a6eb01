import type { SharingJob } from '../../core/jobs/expected-ends.ts';
import type { Clock } from '../../core/ports.ts';
import type { ArchiveFleet } from '../instances/archive-fleet.ts';
import type { ArchiveSharing } from '../jobs/archive-sharing.ts';
import { RunMeter } from '../jobs/run-meter.ts';
import { RepairJob, repairWeight } from './repair-job.ts';

export interface RepairJobsDeps {
  readonly fleet: ArchiveFleet;
  readonly clock: Clock;
  readonly sharing: Pick<ArchiveSharing, 'add' | 'changed' | 'ends'>;
  /** Frames of the camera that are still to be repaired, as last counted. */
  readonly leftOf: (cameraId: string) => number;
  /** The same of all cameras that are repaired. */
  readonly left: () => number;
}

/** All repairs together, among those that share the archive. No job has such an id. */
const allRepairs = 'repair:';

/**
 * The cameras' places in the archive lane. Frames are taken oldest first, whosever they are, so all cameras are done at about
 * the same moment: when that is depends on all of their frames, at the speed of all together.
 */
export class RepairJobs {
  readonly #deps: RepairJobsDeps;
  readonly #byCamera = new Map<string, RepairJob>();
  readonly #meter: RunMeter;
  #isRunning = false;

  constructor(deps: RepairJobsDeps) {
    this.#deps = deps;
    this.#meter = new RunMeter(deps.clock);
    deps.sharing.add({
      running: () => this.#running(),
      waitingWeights: () => [],
      sharingChanged: () => {
        this.#meter.sharingChanged();
        for (const { meter } of this.#byCamera.values()) meter.sharingChanged();
      },
    });
  }

  get(cameraId: string): RepairJob | undefined {
    return this.#byCamera.get(cameraId);
  }

  /** The camera's, made where there is none yet. */
  of(cameraId: string): RepairJob {
    const known = this.#byCamera.get(cameraId);
    if (known !== undefined) return known;
    const { fleet, clock, leftOf } = this.#deps;
    const job = new RepairJob(cameraId, fleet, clock, {
      openChanged: () => {
        this.#openChanged();
      },
      analysed: (call) => {
        this.#meter.analysed(call);
      },
    });
    job.left = leftOf(cameraId);
    this.#byCamera.set(cameraId, job);
    return job;
  }

  /** The frames of cameras have been counted again. */
  counted(): void {
    for (const job of this.#byCamera.values()) job.left = this.#deps.leftOf(job.cameraId);
  }

  /** When all that is left is done, in ms; null: that cannot be said. */
  get endsInMs(): number | null {
    const endMs = this.#deps.sharing.ends().get(allRepairs);
    return endMs === undefined ? null : Math.round(endMs);
  }

  /** Those without work leave the lane. */
  close(isIdle: (cameraId: string) => boolean = () => true): void {
    for (const job of this.#byCamera.values()) if (isIdle(job.cameraId)) job.close();
  }

  #running(): readonly SharingJob[] {
    const open = this.#open();
    if (open === 0) return [];
    const framesPerSecond = this.#meter.imagesPerSecond;
    const weight = open * repairWeight;
    return [{ id: allRepairs, weight, holdsTurn: false, framesLeft: this.#deps.left(), framesPerSecond }];
  }

  #open(): number {
    return [...this.#byCamera.values()].filter(({ isOpen }) => isOpen).length;
  }

  #openChanged(): void {
    const isRunning = this.#open() > 0;
    if (isRunning === this.#isRunning) return;
    this.#isRunning = isRunning;
    if (isRunning) this.#meter.start();
    else this.#meter.stop();
    this.#deps.sharing.changed();
  }
}
