/** An analysis that is slower than this begins with the first picture: nobody waits ten seconds for the sake of others. */
const longestIntervalMs = 1_000;

/** The first picture of a network camera. */
export interface FirstPicture {
  /** Its media time, and its capture on the machine's monotonic clock. */
  readonly timeMs: number;
  readonly capturedMonoMs: number;
  /** Pictures a second as far as is known; null: it is not. */
  readonly sourceFps: number | null;
}

/**
 * Media time at which the grid of analysed frames begins, so that cameras do not come to the device all at once. A camera
 * sends more pictures than are analysed, and which of them are taken is free: those nearest to the moments that are this
 * camera's own, `staggerMs` after each whole interval of the machine's clock. The grid's lines lie half-way between two
 * pictures, where the jitter of their time stamps cannot make it skip one and take the next.
 *
 * Set once for a connection: the clocks of camera and machine drift apart by some 0.1 s in an hour, which moves the rhythm
 * slowly and leaves it even.
 */
export function analysisStartMs(first: FirstPicture, analysisFps: number, staggerMs: number): number {
  const { timeMs, capturedMonoMs, sourceFps } = first;
  const intervalMs = 1000 / analysisFps;
  if (intervalMs > longestIntervalMs) return timeMs;
  const laterMs = remainder(staggerMs - capturedMonoMs, intervalMs);
  if (sourceFps === null) return timeMs + laterMs;
  const pictureMs = Math.min(1000 / sourceFps, intervalMs);
  const choices = Math.max(1, Math.floor(intervalMs / pictureMs + 0.01));
  const later = Math.round(laterMs / pictureMs) % choices;
  return timeMs + (later - 0.5) * pictureMs;
}

const remainder = (value: number, by: number): number => ((value % by) + by) % by;
