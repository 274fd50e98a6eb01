import type { Tariff } from '../../shared/domain/plan.ts';

const msPerHour = 3_600_000;

/** Drawn by the whole machine while it infers, where nobody measured it: a guess by kind of device, and told as one. */
export function estimatedWatts(provider: string, cores: number): number {
  if (provider === 'cpu') return 15 + 8 * cores;
  return provider === 'cuda' || provider === 'tensorrt' ? 350 : 120;
}

export interface DeviceCost {
  readonly deviceHoursPer1000: number;
  /** In the tariff's currency. */
  readonly costPer1000: number;
}

/** Money and device-hours of 1,000 pictures that take `msPerPicture` of the device each. */
export function deviceCost(msPerPicture: number, tariff: Tariff, watts: number): DeviceCost {
  const deviceHoursPer1000 = (1000 * msPerPicture) / msPerHour;
  const perHour = tariff.perDeviceHour + (watts / 1000) * tariff.perKwh;
  return { deviceHoursPer1000, costPer1000: deviceHoursPer1000 * perHour };
}
