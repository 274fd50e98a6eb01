import { describe, expect, test } from 'vitest';
import { admissionOf } from './admission.ts';
import { createCostModel, warmedUp } from './cost-model.ts';
import { workShape } from './work-shape.ts';

const shape = workShape('large', { width: 640, height: 640 }, { score: 0.4, iou: 0.5, classes: null });
const size = { modelId: 'large', input: '640x640', batch: 1 };
const gate = { name: 'Gate', sloMs: 200 };
const yard = { name: 'Yard', sloMs: 500 };

describe('work beside cameras', () => {
  const costs = createCostModel();
  warmedUp(costs, { ...size, lane: 'archive' }, [480]);
  warmedUp(costs, { ...size, lane: 'live' }, [210]);

  test('is refused with the numbers when one call breaks every promise', () => {
    expect(admissionOf(costs, shape, [gate], 'archive')).toEqual({
      ok: false,
      runMs: 480,
      sloMs: 200,
      camera: 'Gate',
      why: 'one chunk takes 480 ms; Gate promises 200 ms',
    });
    expect(admissionOf(costs, shape, [gate], 'live')).toMatchObject({
      ok: false,
      why: 'one frame takes 210 ms; Gate promises 200 ms',
    });
  });

  test('is let in where one promise can hold, where nobody promises, and where nothing was measured', () => {
    expect(admissionOf(costs, shape, [gate, yard], 'archive')).toEqual({ ok: true });
    expect(admissionOf(costs, shape, [], 'archive')).toEqual({ ok: true });
    expect(admissionOf(createCostModel(), shape, [gate], 'archive')).toEqual({ ok: true });
  });

  test('is not refused for a slow spell', () => {
    const slow = createCostModel();
    warmedUp(slow, { ...size, lane: 'archive' }, [150]);
    warmedUp(slow, { ...size, lane: 'archive' }, [900]);
    expect(admissionOf(slow, shape, [gate], 'archive')).toEqual({ ok: true });
  });
});
