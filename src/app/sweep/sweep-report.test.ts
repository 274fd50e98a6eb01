import { expect, test } from 'vitest';
import { tariffSchema } from '../../shared/domain/plan.ts';
import { sweepReport, type SweptSize } from './sweep-report.ts';

const size = (batch: number, runMs: number): SweptSize => ({
  batch,
  used: batch,
  pictures: 1_001,
  timedPictures: 1_000,
  failed: 0,
  detections: 5,
  runMs,
  stray: 0,
  callP95Ms: batch * 12,
  residentBytes: 2 ** 28,
  framesTwice: 0,
});

test('time and money of 10,000 and of a million pictures', () => {
  const tariff = tariffSchema.parse({ perKwh: 0.5, perDeviceHour: 1, watts: 100 });
  const cpu = { device: 'CPU', provider: 'cpu', cores: 2 };
  const { rows, recommendation, cost } = sweepReport([size(8, 10_000), size(16, 10_000)], cpu, tariff);
  expect(rows[0]).toMatchObject({
    imagesPerSecond: 100,
    p95MsPerPicture: 12,
    per10000: { seconds: 100, cost: 0.0292 }, // 100 s of an hour that costs 1.05
    per1000000: { seconds: 10_000, cost: 2.9167 },
  });
  expect(recommendation).toMatchObject({ batch: 8, why: expect.stringContaining('no gain above 8') as string });
  expect(cost).toEqual({ currency: 'EUR', watts: 100, wattsEstimated: false });
});

test('watts that nobody told are estimated and said so; what never ran costs nothing', () => {
  const gpu = { device: 'Test card', provider: 'cuda', cores: 2 };
  const report = sweepReport([{ ...size(8, 0), timedPictures: 0, callP95Ms: null }], gpu, tariffSchema.parse({}));
  expect(report.cost.wattsEstimated).toBe(true);
  expect(report.rows[0]).toMatchObject({ imagesPerSecond: 0, p95MsPerPicture: null, per10000: { seconds: 0 } });
  expect(report.recommendation.batch).toBeNull();
});
