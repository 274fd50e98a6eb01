import { join } from 'node:path';
import type { Camera } from '../../shared/domain/camera.ts';
import { toErrorValue } from '../../shared/errors.ts';
import type { RepairPiece, StoreClient } from '../../store/operations.ts';
import type { ArchiveFleet } from '../instances/archive-fleet.ts';
import type { JobSuspects } from '../jobs/job-suspects.ts';
import type { LaneHost } from '../lanes/lane-host.ts';
import type { ModelService } from '../models/model-service.ts';
import { prepareWork, type PreparedWork } from '../models/work.ts';
import { FedPiece } from './fed-piece.ts';
import type { PiecesInFlight } from './pieces-in-flight.ts';
import { repairWeight, type RepairJob } from './repair-job.ts';

/** A picture further away than this, or than half an analysis interval where that is more, is not the frame's. */
const leastToleranceMs = 250;

export interface RepairFeederDeps {
  readonly store: StoreClient;
  readonly fleet: ArchiveFleet;
  readonly lanes: Pick<LaneHost, 'prepare' | 'admit'>;
  readonly models: Pick<ModelService, 'find'>;
  readonly folder: string;
  readonly pieces: PiecesInFlight;
  readonly suspects: JobSuspects;
  /** A result has come. */
  readonly progressed: () => void;
  readonly refused: (camera: Camera, error: unknown) => void;
}

/** Hands shed frames to the engine as their camera's were run live. */
export class RepairFeeder {
  readonly #deps: RepairFeederDeps;

  constructor(deps: RepairFeederDeps) {
    this.#deps = deps;
  }

  /** Null: the model of then is not there any more, or is another one. */
  async workOf({ modelId, settings, recipeId }: RepairPiece): Promise<PreparedWork | null> {
    const { models, store } = this.#deps;
    const model = await models.find(modelId).catch((caught: unknown) => {
      if (toErrorValue(caught).kind === 'not-found') return null;
      throw caught;
    });
    if (model === null) return null;
    const { tier, score, classes, motionGate } = settings;
    const work = await prepareWork(model, { tier, score, classes, motionGate, fps: null }, store);
    return work.recipeId === recipeId ? work : null;
  }

  /** Resolves when the engine can run it, or when it is not wanted any more. Rejects where it is not to be run here. */
  async prepare(work: PreparedWork, unwanted: Promise<void>): Promise<void> {
    const { lanes } = this.#deps;
    await Promise.race([lanes.prepare(work, 'archive'), unwanted]);
    lanes.admit(work, 'archive');
  }

  feed(piece: RepairPiece, camera: Camera, work: PreparedWork, job: RepairJob): void {
    const { fleet, folder, pieces, suspects, progressed, refused } = this.#deps;
    const { jobId } = job;
    const fed = new FedPiece(piece);
    const item = pieces.add(jobId, fed);
    job.open(`Repair of ${camera.name}`, work);
    job.expects(true);
    fleet.feed(
      {
        item,
        jobId,
        shape: work.shape,
        work,
        refused: (error) => {
          refused(camera, error);
        },
        isAlone: (frame) => suspects.mustRunAlone(suspectOf(piece, fed.capturedAtMs(frame))),
        sink: {
          captured: (ticket) => {
            job.fitted(ticket.sourceWidth, ticket.sourceHeight);
            fed.announced(ticket);
          },
          analysed: (ticket, detections, run) => {
            suspects.succeeded(suspectOf(piece, fed.capturedAtMs(ticket.frame)));
            fed.analysed(ticket, detections);
            job.analysed(run);
            progressed();
          },
          dropped: () => undefined,
          lost: () => undefined,
        },
      },
      {
        type: 'feed-item',
        item,
        jobId,
        weight: repairWeight,
        path: join(folder, ...piece.file.split('/')),
        kind: 'video',
        fps: camera.analysisFps,
        startFrame: 0,
        input: work.shape.input,
        multipleOf: work.model.manifest.input.multipleOf,
        padding: work.padding,
        motionGate: false,
        wanted: {
          timesMs: piece.frames.map((frame) => frame - piece.startMs),
          toleranceMs: Math.max(leastToleranceMs, 500 / camera.analysisFps),
        },
      },
    );
  }
}

/** A frame of a camera is known by its time, whichever file it is looked for in. */
export const suspectOf = ({ sourceId }: RepairPiece, frame: number): { itemId: number; frame: number } => ({
  itemId: sourceId,
  frame,
});
