import { expect, test } from 'vitest';
import { tariffSchema } from '../../shared/domain/plan.ts';
import { deviceCost, estimatedWatts } from './device-cost.ts';

test('36 ms a picture are 0.01 device-hours a thousand', () => {
  const tariff = tariffSchema.parse({ perKwh: 0.4, perDeviceHour: 0.5, watts: 250 });
  const cost = deviceCost(36, tariff, 250);
  expect(cost.deviceHoursPer1000).toBeCloseTo(0.01, 12);
  expect(cost.costPer1000).toBeCloseTo(0.01 * (0.5 + 0.25 * 0.4), 12);
});

test('more cores draw more, and a card more than a processor', () => {
  expect(estimatedWatts('cpu', 8)).toBeGreaterThan(estimatedWatts('cpu', 2));
  expect(estimatedWatts('cuda', 8)).toBeGreaterThan(estimatedWatts('cpu', 8));
});
