/** What the archive lane looks like at one moment. */
export interface PaceSight {
  readonly atMonoMs: number;
  /** Frames run since the engine came up. */
  readonly frames: number;
  /** The job that runs without a pause, and how it is run; null: there is none. */
  readonly job: { readonly id: string; readonly work: string } | null;
  /** Who the archive shares the device with; any change of it begins a new window. */
  readonly beside: string;
}

/** Pictures a second over a stretch in which nothing changed. */
export interface MeasuredPace {
  readonly work: string;
  readonly imagesPerSecond: number;
}

export interface PaceWindow {
  since: PaceSight | null;
  latest: PaceSight | null;
}

/** Decoding ahead and the larger batches are under way by then. */
const settleMs = 3_000;
const windowMs = 10_000;
/** Without a frame for so long, the job waits for something else than the device. */
const stallMs = 3_000;

export const createPaceWindow = (): PaceWindow => ({ since: null, latest: null });

/** Takes a sight in (once a second or so). Answers the pace each time a whole window is over, and begins the next one. */
export function lookAtPace(window: PaceWindow, now: PaceSight): MeasuredPace | null {
  const { since, latest } = window;
  const goesOn =
    since !== null &&
    latest !== null &&
    now.job !== null &&
    now.job.id === since.job?.id &&
    now.job.work === since.job.work &&
    now.beside === since.beside &&
    now.frames >= latest.frames &&
    (now.frames > latest.frames || now.atMonoMs - latest.atMonoMs < stallMs);
  if (!goesOn) {
    window.since = now.job === null ? null : { ...now, atMonoMs: now.atMonoMs + settleMs };
    window.latest = now;
    return null;
  }
  if (now.frames > latest.frames) window.latest = now;
  if (now.atMonoMs <= since.atMonoMs) {
    // Still settling: the count begins where the window does.
    window.since = { ...since, frames: now.frames };
    return null;
  }
  const lengthMs = now.atMonoMs - since.atMonoMs;
  if (lengthMs < windowMs) return null;
  window.since = now;
  return { work: since.job?.work ?? '', imagesPerSecond: ((now.frames - since.frames) * 1000) / lengthMs };
}
