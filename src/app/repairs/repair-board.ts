import { join } from 'node:path';
import type { Clock } from '../../core/ports.ts';
import type { Camera } from '../../shared/domain/camera.ts';
import type { JobSummary } from '../../shared/domain/job.ts';
import type { CameraRepair } from '../../shared/domain/repair.ts';
import { NightshiftError } from '../../shared/errors.ts';
import type { StoreClient } from '../../store/operations.ts';
import type { EventBus } from '../event-bus.ts';
import type { LaneHost } from '../lanes/lane-host.ts';
import type { PiecesInFlight } from './pieces-in-flight.ts';
import { readRepairs } from './repair-counts.ts';
import type { RepairJobs } from './repair-jobs.ts';
import { cameraOfRepair, repairSummary } from './repair-summary.ts';

export interface RepairBoardDeps {
  readonly store: StoreClient;
  readonly clock: Clock;
  readonly bus: EventBus;
  readonly lanes: Pick<LaneHost, 'knee'>;
  readonly cameras: { readonly list: () => readonly Camera[] };
  /** Of recordings. */
  readonly folder: string;
  readonly pieces: PiecesInFlight;
  readonly jobs: RepairJobs;
  /** Why none of the camera's frames are in the engine, in words. */
  readonly waitsFor: (cameraId: string) => string;
}

const countMs = 2_000;

/** How the repair of each camera stands, as the store counts it, and what everybody hears of it. */
export class RepairBoard {
  readonly #deps: RepairBoardDeps;
  #counts: ReadonlyMap<string, CameraRepair> = new Map();
  readonly #told = new Map<string, string>();
  #countedMonoMs = -Infinity;

  constructor(deps: RepairBoardDeps) {
    this.#deps = deps;
  }

  /** Frames of the camera that are still to be repaired, as last counted. */
  leftOf(cameraId: string): number {
    return this.#counts.get(cameraId)?.left ?? 0;
  }

  /** The same of all cameras, or of those that are repaired. */
  left(which: 'all' | 'repaired' = 'all'): number {
    const isMeant = ({ repair }: Camera): boolean => which === 'all' || repair;
    return this.#deps.cameras.list().reduce((sum, camera) => sum + (isMeant(camera) ? this.leftOf(camera.id) : 0), 0);
  }

  /** Of the cameras that have any, as they are in the store now. */
  async summaries(): Promise<readonly JobSummary[]> {
    await this.count();
    return this.#deps.cameras.list().flatMap((camera) => {
      const counts = this.#counts.get(camera.id);
      return counts === undefined ? [] : [this.summary(camera, counts)];
    });
  }

  /** As it is in the store now. `not-found` where the camera is gone or nothing of it was ever shed. */
  async find(jobId: string): Promise<{ camera: Camera; counts: CameraRepair }> {
    await this.count();
    const cameraId = cameraOfRepair(jobId);
    const camera = this.#deps.cameras.list().find(({ id }) => id === cameraId);
    const counts = this.#counts.get(cameraId ?? '');
    if (camera === undefined || counts === undefined) {
      throw new NightshiftError({
        kind: 'not-found',
        message: 'There is no such job.',
        where: jobId,
        hint: 'See `nightshift jobs` or the Jobs view.',
      });
    }
    return { camera, counts };
  }

  summary(camera: Camera, counts: CameraRepair): JobSummary {
    const { pieces, jobs, lanes, folder, waitsFor } = this.#deps;
    const job = jobs.get(camera.id);
    const [fed] = pieces.of(camera.id);
    const run =
      job === undefined
        ? null
        : {
            meter: job.meter,
            isRunning: fed !== undefined,
            current: fed === undefined ? null : fed.piece.file,
            knee: job.latestWork === null ? null : lanes.knee(job.latestWork.shape),
            endsInMs: jobs.endsInMs,
          };
    return repairSummary(camera, counts, run, { folder: join(folder, camera.id), waitsFor: waitsFor(camera.id) });
  }

  /** Counted a moment ago is enough where nobody asks. */
  async countIfDue(): Promise<void> {
    if (this.#deps.clock.monoMs() - this.#countedMonoMs >= countMs) await this.count();
  }

  /** Counts what is in the store, and tells of the cameras of which something is another thing now. */
  async count(): Promise<void> {
    const { store, clock, cameras, bus, jobs } = this.#deps;
    this.#countedMonoMs = clock.monoMs();
    const list = cameras.list();
    this.#counts = await readRepairs(
      store,
      list.map(({ id }) => id),
      clock.epochMs(),
    );
    jobs.counted();
    for (const camera of list) {
      const counts = this.#counts.get(camera.id);
      if (counts === undefined) continue;
      const summary = this.summary(camera, counts);
      const text = JSON.stringify([summary.state, summary.reason, counts, summary.current]);
      if (this.#told.get(camera.id) === text) continue;
      this.#told.set(camera.id, text);
      bus.emit('jobs.progress', summary);
    }
  }
}
