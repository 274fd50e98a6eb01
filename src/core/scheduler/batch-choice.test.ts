import { describe, expect, test } from 'vitest';
import { defaultLaneSettings } from '../../shared/domain/lanes.ts';
import { choiceOf } from './batch-choice.ts';
import { createCostModel, warmedUp, type CostModel } from './cost-model.ts';
import { workShape } from './work-shape.ts';

const shape = workShape('model', { width: 416, height: 416 }, { score: 0.4, iou: 0.5, classes: null });

function costsOf(lane: 'live' | 'archive', runs: Readonly<Record<number, number>>): CostModel {
  const costs = createCostModel();
  for (const [batch, runMs] of Object.entries(runs)) {
    warmedUp(costs, { modelId: 'model', input: '416x416', lane, batch: Number(batch) }, [runMs]);
  }
  return costs;
}

describe('why the archive uses the batch it uses', () => {
  const costs = costsOf('archive', { 1: 20, 8: 85, 32: 331 });

  test('beside cameras, alone, and pinned', () => {
    expect(choiceOf(costs, defaultLaneSettings, 'archive', shape, true)).toBe(
      "8 is the knee: 97.4 % of 32's throughput",
    );
    expect(choiceOf(costs, defaultLaneSettings, 'archive', shape, false)).toBe(
      "32 while no camera is on, the largest within 3 % of the best; 8 is the knee: 97.4 % of 32's throughput",
    );
    expect(choiceOf(costs, { ...defaultLaneSettings, archiveBatch: 16 }, 'archive', shape, true)).toBe(
      "16 is set; 8 is the knee: 97.4 % of 32's throughput",
    );
  });

  test('is not made up', () => {
    expect(choiceOf(createCostModel(), defaultLaneSettings, 'archive', shape, true)).toBe('');
    expect(choiceOf(costs, defaultLaneSettings, 'archive', null, true)).toBe('');
    expect(choiceOf(costsOf('archive', { 1: 10, 2: 21 }), defaultLaneSettings, 'archive', shape, true)).toBe(
      '1 is the fastest measured: 100 pictures a second',
    );
  });
});

test('why the live lane does or does not put frames together', () => {
  expect(choiceOf(costsOf('live', { 1: 10, 2: 19.8 }), defaultLaneSettings, 'live', shape, true)).toBe(
    '2 would take 1.98 x as long as 1: no gain on this device',
  );
  expect(choiceOf(costsOf('live', { 1: 10, 2: 12, 4: 14 }), defaultLaneSettings, 'live', shape, true)).toBe(
    '4 take 1.40 x as long as 1: frames that wait together run together',
  );
  const pinned = { ...defaultLaneSettings, liveBatch: 4, liveWindowMs: 20 };
  expect(choiceOf(costsOf('live', { 1: 10, 2: 19.8 }), pinned, 'live', shape, true)).toBe(
    'up to 4 together are set; a window of 20 ms is set; 2 would take 1.98 x as long as 1: no gain on this device',
  );
});
