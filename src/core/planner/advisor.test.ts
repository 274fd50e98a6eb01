import { describe, expect, test } from 'vitest';
import { laneSettingsSchema } from '../../shared/domain/lanes.ts';
import { adviceQuestionSchema, type AdviceQuestion } from '../../shared/domain/plan.ts';
import { planScenarios } from '../../shared/domain/plan-scenarios.ts';
import { advise } from './advisor.ts';

const asked: AdviceQuestion = {
  latencyTargetMs: 200,
  freshnessMs: 1_000,
  costMatters: false,
  urgentShare: 1,
  utilisation: 0.6,
  peakToMean: 1,
};
const rulesOf = (question: AdviceQuestion): string[] => advise(question).because.map(({ rule }) => rule);

describe('each rule flips when its input crosses the limit', () => {
  test('p95 under 300 ms: real-time', () => {
    expect(advise({ ...asked, latencyTargetMs: 299 }).mode).toBe('real-time');
    expect(advise({ ...asked, latencyTargetMs: 300 }).mode).toBe('hybrid');
  });

  test('a minute or more, and cost matters: batch', () => {
    const patient = { ...asked, latencyTargetMs: 60_000, freshnessMs: 60_000, costMatters: true };
    expect(advise(patient).mode).toBe('batch');
    expect(advise({ ...patient, latencyTargetMs: 59_999 }).mode).toBe('hybrid');
    expect(advise({ ...patient, freshnessMs: 59_999 }).mode).toBe('hybrid');
    expect(advise({ ...patient, costMatters: false }).mode).toBe('hybrid');
  });

  test('few urgent among many: hybrid', () => {
    expect(advise({ ...asked, urgentShare: 0.3 }).mode).toBe('hybrid');
    expect(advise({ ...asked, urgentShare: 0.31 }).mode).toBe('real-time');
    expect(advise({ ...asked, urgentShare: 0 }).mode).toBe('real-time');
  });

  test('low utilisation: micro-batching', () => {
    const low = advise({ ...asked, utilisation: 0.29 });
    expect(low.controls).toContain('micro-batching');
    expect(low.settings).toMatchObject({ liveWindowMs: 'auto', api: { windowMs: 20, batch: 16 } });
    const busy = advise({ ...asked, utilisation: 0.3 });
    expect(busy.controls).not.toContain('micro-batching');
    expect(busy.settings).toMatchObject({ liveWindowMs: 0, api: { windowMs: 0, batch: 1 } });
  });

  test('bursts: queue, scaling, backpressure', () => {
    const burst = advise({ ...asked, peakToMean: 2 });
    expect(burst.controls).toEqual(
      expect.arrayContaining(['bounded queue with shedding', 'scale instances on backlog']),
    );
    expect(burst.settings.instances).toEqual({ scale: 'auto', most: 2 });
    const even = advise({ ...asked, peakToMean: 1.9 });
    expect(even.controls).not.toContain('bounded queue with shedding');
    expect(even.settings.instances).toBeUndefined();
  });
});

test('an archive is not micro-batched, however idle its device is', () => {
  const night = { ...asked, latencyTargetMs: 3_600_000, freshnessMs: 86_400_000, costMatters: true, utilisation: 0.1 };
  expect(rulesOf(night)).toEqual(['patient-and-cheap']);
});

test('no rule of a mode applies: hybrid, and it is said why', () => {
  expect(rulesOf({ ...asked, latencyTargetMs: 2_000 })).toEqual(['in-between']);
});

test.each([
  ['conveyor-ejector', 'real-time'],
  ['wildlife-week', 'batch'],
  ['avatar-filter', 'hybrid'],
  ['shelf-audit', 'batch'],
  ['driver-alert', 'real-time'],
  ['upload-moderation', 'hybrid'],
  ['city-incidents', 'hybrid'],
])('%s: %s', (id, mode) => {
  const scenario = planScenarios.find((one) => one.id === id);
  if (scenario === undefined) throw new Error(`there is no scenario ${id}`);
  const advice = advise(adviceQuestionSchema.parse(scenario.question));
  expect(advice.mode).toBe(mode);
  for (const word of ['latency', 'freshness', 'cost']) expect(advice.sentence).toContain(word);
  expect(advice.sentence.match(/[.!?](\s|$)/g)).toHaveLength(1);
  expect(() => laneSettingsSchema.parse(advice.settings)).not.toThrow();
});
