import type { DropReason } from '../../shared/domain/camera.ts';
import type { Detection } from '../../shared/domain/detection.ts';
import type { Ticket } from '../../shared/engine/protocol.ts';

/** Who a frame belongs to: told everything that happens to it, exactly once each. */
export interface FrameSink {
  /** The frame was decoded and now waits for the device. */
  captured(ticket: Ticket): void;
  /** `batch`: the call it was part of, pictures run and places there were. */
  analysed(
    ticket: Ticket,
    detections: readonly Detection[],
    batch: { readonly frames: number; readonly places: number },
  ): void;
  /** It waited and will not be analysed. */
  dropped(ticket: Ticket, reason: DropReason): void;
  /** Frames that were captured but never became tickets. */
  lost(reason: DropReason, count: number): void;
}
