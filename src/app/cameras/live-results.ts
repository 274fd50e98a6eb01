import type { FoundBoxes, TrackedDetection } from '../../shared/domain/detection.ts';
import type { Ticket, UnchangedFrame } from '../../shared/engine/protocol.ts';

/** Where the results of one live camera go: the store (`LiveRecorder`), or whoever only measures it. */
export interface LiveResults {
  /** An unchanged frame has the detections of the one it is the same as. Answers the detections with their tracks, for people who watch. */
  analysed(frame: Ticket | UnchangedFrame, found: FoundBoxes): readonly TrackedDetection[];
  /** Frames that were captured and will not be analysed live; left out: nobody makes up for them. */
  shed?(capturedAtMs: readonly number[]): void;
  /** Epoch ms of the newest frame whose result is kept; null before the first. */
  readonly newestCommittedMs: number | null;
  /** Rows that are not kept yet, and rows that were given up. */
  readonly waiting: number;
  readonly givenUp: number;
  close(): Promise<void>;
}
