import { deviceCost, estimatedWatts } from '../../core/planner/device-cost.ts';
import { sweepAdvice } from '../../core/planner/sweep-advice.ts';
import type { Tariff } from '../../shared/domain/plan.ts';

export { strayOf } from '../../core/planner/sweep-advice.ts';

/** What one batch size did, over every process that worked on it. */
export interface SweptSize {
  readonly batch: number;
  /** The largest batch that really ran; null: nothing ran. */
  readonly used: number | null;
  readonly pictures: number;
  /** Those of them that were run while it was timed: what was committed in the last second before a kill is not. */
  readonly timedPictures: number;
  readonly failed: number;
  readonly detections: number;
  /** Of the timed pictures. */
  readonly runMs: number;
  /** How far its speed strayed while it ran, as a share. */
  readonly stray: number;
  /** Of one call at this size, by the newest 64 of them; null where none was full. */
  readonly callP95Ms: number | null;
  /** The most that the engine held. */
  readonly residentBytes: number | null;
  readonly framesTwice: number;
}

export interface SweepDevice {
  readonly device: string;
  readonly provider: string;
  readonly cores: number;
}

export interface SweepRow extends SweptSize {
  readonly imagesPerSecond: number;
  /** Share of a picture in the 95th percentile of the calls. */
  readonly p95MsPerPicture: number | null;
  readonly per10000: Effort;
  readonly per1000000: Effort;
}

interface Effort {
  readonly seconds: number;
  readonly cost: number;
}

export interface SweepReport {
  readonly rows: readonly SweepRow[];
  readonly recommendation: { readonly batch: number | null; readonly why: string };
  readonly cost: { readonly currency: string; readonly watts: number; readonly wattsEstimated: boolean };
}

/** The table of a sweep: speed, time and money of each size, and which one to use. */
export function sweepReport(
  sizes: readonly SweptSize[],
  { device, provider, cores }: SweepDevice,
  tariff: Tariff,
): SweepReport {
  const watts = tariff.watts ?? estimatedWatts(provider, cores);
  const rows = sizes.map((size): SweepRow => {
    const imagesPerSecond = size.runMs > 0 ? (size.timedPictures * 1000) / size.runMs : 0;
    const msPerPicture = imagesPerSecond > 0 ? 1000 / imagesPerSecond : 0;
    const { costPer1000 } = deviceCost(msPerPicture, tariff, watts);
    const effort = (pictures: number): Effort => ({
      seconds: round((pictures * msPerPicture) / 1000, 1),
      cost: round((pictures * costPer1000) / 1000, 4),
    });
    return {
      ...size,
      imagesPerSecond: round(imagesPerSecond, 2),
      p95MsPerPicture: size.callP95Ms === null ? null : round(size.callP95Ms / size.batch, 3),
      per10000: effort(10_000),
      per1000000: effort(1_000_000),
    };
  });
  return {
    rows,
    recommendation: sweepAdvice(rows, provider === 'cpu' ? 'this CPU' : `${device} (${provider})`),
    cost: { currency: tariff.currency, watts, wattsEstimated: tariff.watts === null },
  };
}

const round = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits;
