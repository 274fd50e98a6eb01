import type { CollectWindow } from '../../core/scheduler/live-lane.ts';
import type { WorkShape } from '../../core/scheduler/work-shape.ts';
import type { CameraSettings } from '../../shared/domain/camera.ts';
import type { Ticket } from '../../shared/engine/protocol.ts';
import type { PreparedWork } from '../models/work.ts';
import type { FrameSink } from './frame-sink.ts';

/** How the frames of one owner are run, and who is told. */
interface FrameOwner {
  readonly shape: WorkShape;
  /** Each picture is run in the size of it that fits; left out: all in `shape`. */
  readonly work?: PreparedWork;
  /** A size that its pictures need cannot be run: none of them will be. */
  readonly refused?: (error: unknown) => void;
  readonly sink: FrameSink;
}

export interface CameraLane extends FrameOwner {
  readonly cameraId: string;
  readonly name: string;
  readonly sloMs: number;
  readonly weight: CameraSettings['weight'];
  /** For a source of unrelated pictures: how many may wait, and how they are collected (looked at for every decision). */
  readonly maxWaiting?: number;
  readonly window?: CollectWindow;
  /** For pictures whose way of being run is known only once they are decoded: the id of the camera that each belongs to. */
  readonly route?: (ticket: Ticket) => string;
}

export interface ItemLane extends FrameOwner {
  readonly item: string;
  readonly jobId: string;
  /** Frames that must run in a call of their own: suspects of a crash. */
  readonly isAlone: (frame: number) => boolean;
}
