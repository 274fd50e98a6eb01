/** How long the fixed work of the probe took before and after a cell. */
export interface Probed {
  readonly beforeMs: number;
  readonly afterMs: number;
}

/** A probe above this times the run's best means that something else had the processor. */
export const noiseLimit = 1.1;

export const isClean = ({ beforeMs, afterMs }: Probed, bestMs: number, limit = noiseLimit): boolean =>
  Math.max(beforeMs, afterMs) <= limit * bestMs;
