import type { Clock } from '../core/ports.ts';

/** `hrtime` is the machine's monotonic clock: the same for every process, so that capture times can be compared. */
export const systemClock: Clock = {
  monoMs: () => Number(process.hrtime.bigint()) / 1e6,
  epochMs: () => Date.now(),
};
