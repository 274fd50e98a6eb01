import type { DropReason } from '../../shared/domain/camera.ts';
import type { Detection } from '../../shared/domain/detection.ts';
import type { Ticket, UnchangedFrame } from '../../shared/engine/protocol.ts';

/** The call that a frame was part of. */
export interface FrameRun {
  /** Pictures run, and places there were. */
  readonly frames: number;
  readonly places: number;
  readonly startedMonoMs: number;
  /** The native call alone. */
  readonly runMs: number;
}

/** Who a frame belongs to: told everything that happens to it, exactly once each. */
export interface FrameSink {
  /** The frame was decoded and now waits for the device. */
  captured(ticket: Ticket): void;
  /** `faint`: what was found below the score that is reported; of the live lane only. */
  analysed(ticket: Ticket, detections: readonly Detection[], run: FrameRun, faint: readonly Detection[]): void;
  /** Nothing changed in it since the frame that it names; sources with the motion gate only. */
  unchanged?(frame: UnchangedFrame): void;
  /** It waited and will not be analysed. */
  dropped(ticket: Ticket, reason: DropReason): void;
  /** Frames that were captured but never became tickets; the times of some may come later than their number. */
  lost(reason: DropReason, count: number, capturedAtMs: readonly number[]): void;
}
