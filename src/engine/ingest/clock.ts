import type { Clock } from '../../core/ports.ts';

/** The machine's own clocks. `process.hrtime` is shared by every process and thread of one machine. */
export const machineClock: Clock = {
  monoMs: () => Number(process.hrtime.bigint()) / 1e6,
  epochMs: () => Date.now(),
};
