/** What all processes of the program together have done up to one moment. */
export interface ProcessorSight {
  readonly atMonoMs: number;
  /** Processor time used so far, in core-ms. */
  readonly coreMs: number;
  readonly liveFrames: number;
  readonly archiveFrames: number;
  /** Who shares the machine; any change of it begins a new window. */
  readonly beside: string;
}

/** A stretch in which nothing changed. */
export interface ProcessorPace {
  readonly coreMsPerSecond: number;
  readonly livePerSecond: number;
  readonly archivePerSecond: number;
}

export interface ProcessorWindow {
  since: ProcessorSight | null;
}

/** Opening, decoding ahead and wider batches are under way by then. */
const settleMs = 3_000;
const windowMs = 6_000;

export const createProcessorWindow = (): ProcessorWindow => ({ since: null });

/** Takes a sight in (once a second or so). Answers the pace each time a whole window is over, and begins the next one. */
export function lookAtProcessor(window: ProcessorWindow, now: ProcessorSight): ProcessorPace | null {
  const { since } = window;
  if (
    since?.beside !== now.beside ||
    now.liveFrames < since.liveFrames ||
    now.archiveFrames < since.archiveFrames ||
    now.coreMs < since.coreMs
  ) {
    window.since = { ...now, atMonoMs: now.atMonoMs + settleMs };
    return null;
  }
  if (now.atMonoMs <= since.atMonoMs) {
    // Still settling: the count begins where the window does.
    window.since = { ...now, atMonoMs: since.atMonoMs };
    return null;
  }
  const seconds = (now.atMonoMs - since.atMonoMs) / 1_000;
  if (seconds * 1_000 < windowMs) return null;
  window.since = now;
  return {
    coreMsPerSecond: (now.coreMs - since.coreMs) / seconds,
    livePerSecond: (now.liveFrames - since.liveFrames) / seconds,
    archivePerSecond: (now.archiveFrames - since.archiveFrames) / seconds,
  };
}
