import { expect, test } from 'vitest';
import { createLatencyWindow, latencyQuantiles, recordLatency } from './latency-window.ts';

test('nearest-rank quantiles', () => {
  const window = createLatencyWindow();
  for (let latency = 100; latency >= 1; latency -= 1) recordLatency(window, latency, 0);
  expect(latencyQuantiles(window, 0)).toEqual({ p50: 50, p95: 95, p99: 99 });
});

test('the newest 4,096 of the last five minutes', () => {
  const window = createLatencyWindow();
  for (let index = 0; index < 5_000; index += 1) recordLatency(window, index < 904 ? 1_000_000 : 7, index);
  expect(latencyQuantiles(window, 5_000)).toEqual({ p50: 7, p95: 7, p99: 7 });
  recordLatency(window, 9, 400_000);
  expect(latencyQuantiles(window, 400_000)).toEqual({ p50: 9, p95: 9, p99: 9 });
  expect(latencyQuantiles(window, 700_001)).toBeNull();
});
