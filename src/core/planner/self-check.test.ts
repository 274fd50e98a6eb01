import { expect, test } from 'vitest';
import { selfCheck, type CameraFacts, type SelfCheckFacts } from './self-check.ts';

const well: CameraFacts = {
  name: 'Gate',
  weight: 'normal',
  sloMs: 200,
  latencyMs: { p50: 40, p95: 90, p99: 200 },
  isOpen: true,
  hasRule: false,
  unreadMs: 4 * 3_600_000 - 1,
  waitedMs: null,
  slotShare: 0.12,
};
const facts: SelfCheckFacts = {
  settings: { mode: 'balanced', liveBatch: 4, liveWindowMs: 10 },
  cameras: [well],
  queues: [{ name: 'live-frames', entered: 1_000, shed: 10 }],
  liveBatches: [{ subject: 'nanodet-g 416x416', batch: 4, runMs: 95, windowMs: 10, sloMs: 200 }],
  firstFrames: [{ subject: 'nanodet-g 416x416', firstMs: 90, p95Ms: 30 }],
};
const found = (change: Partial<SelfCheckFacts>) =>
  selfCheck({ ...facts, ...change }).filter(({ level }) => level !== 'ok');

test('at every limit all is well, and each of the five says so', () => {
  const findings = selfCheck(facts);
  expect(new Set(findings.map(({ id }) => id)).size).toBe(5);
  expect(findings.every(({ level, fix }) => level === 'ok' && fix === null)).toBe(true);
});

test('tail ignored: average fine, p99 over the promise', () => {
  const [finding] = found({ cameras: [{ ...well, latencyMs: { p50: 40, p95: 90, p99: 201 } }] });
  expect(finding).toMatchObject({
    id: 'tail-ignored',
    level: 'warning',
    subject: 'Gate',
    number: 201,
    limit: 200,
    unit: 'ms',
  });
  expect(finding?.fix).toContain('critical');
  expect(finding?.fix).toContain('strict');
  // Nobody is told to set what is set.
  const [set] = found({
    cameras: [{ ...well, weight: 'critical', latencyMs: { p50: 40, p95: 90, p99: 201 } }],
    settings: { mode: 'strict', liveBatch: 'auto', liveWindowMs: 'auto' },
  });
  expect(set?.fix).toBe('Ask for fewer frames a second, or promise 210 ms.');
  // A camera that is late on average hides nothing.
  expect(found({ cameras: [{ ...well, latencyMs: { p50: 210, p95: 300, p99: 400 } }] })).toEqual([]);
});

test('a queue that sheds more than 1 %', () => {
  const [finding] = found({ queues: [{ name: 'live-frames', entered: 1_000, shed: 11 }] });
  expect(finding).toMatchObject({ id: 'queue-sheds', level: 'warning', number: 1.1, limit: 1, unit: '%' });
  expect(found({ queues: [{ name: 'live-frames', entered: 1_000, shed: 101 }] })[0]?.level).toBe('error');
  expect(found({ queues: [{ name: 'live-frames', entered: 99, shed: 50 }] })).toEqual([]);
});

test('a batch over its latency budget', () => {
  const [finding] = found({ liveBatches: [{ subject: 'm', batch: 4, runMs: 95, windowMs: 11, sloMs: 200 }] });
  expect(finding).toMatchObject({ id: 'batch-over-budget', number: 201, limit: 200 });
  expect(finding?.fix).toBe(
    'Set the live batch to a smaller size or to auto, set the window to 0, use a smaller tier, or promise 210 ms.',
  );
  const settings = { mode: 'strict', liveBatch: 'auto', liveWindowMs: 'auto' } as const;
  const [auto] = found({
    liveBatches: [{ subject: 'm', batch: 4, runMs: 95, windowMs: 11, sloMs: 200 }],
    settings,
  });
  expect(auto?.fix).toBe('Use a smaller tier, or promise 210 ms.');
});

test('a cold model in a lane', () => {
  const [finding] = found({ firstFrames: [{ subject: 'm', firstMs: 91, p95Ms: 30 }] });
  expect(finding).toMatchObject({ id: 'cold-model', number: 91, limit: 90 });
});

test('real-time where nobody looks', () => {
  const yard = { ...well, name: 'Yard', unreadMs: 60_000, waitedMs: 7 * 3_600_000 };
  expect(found({ cameras: [yard] })[0]).toMatchObject({
    id: 'nobody-looks',
    text: 'Yard has no rule; its results were first read after 7 h: move it to the night lane, frees 12 %.',
    number: 7,
    limit: 4,
    unit: 'h',
  });
  expect(found({ cameras: [{ ...yard, unreadMs: 5 * 3_600_000 }] })[0]?.text).toContain('not been read for 5 h');
  expect(found({ cameras: [{ ...yard, hasRule: true }] })).toEqual([]);
  expect(found({ cameras: [{ ...yard, isOpen: false }] })).toEqual([]);
});
