import { expect, test } from 'vitest';
import { judgeSoak, soakBounds, type SoakEnd, type SoakSample } from './soak-figures.ts';

const calm: SoakEnd = {
  cameras: 8,
  sloMet: 8,
  captured: 2_400,
  analysed: 2_380,
  dropped: 20,
  unaccounted: 0,
  worstP95Ms: 90,
  recordedMb: 40,
  files: 16,
  gaps: 0,
  packetsLeftOut: 0,
  itemsDone: 9,
  engineRestarts: 0,
};

/** 45 minutes, a sample a second, in which everything comes and goes and nothing grows; `change` makes something of it. */
const samplesOf = (change: (sample: SoakSample, minute: number) => SoakSample = (sample) => sample): SoakSample[] =>
  Array.from({ length: 45 * 60 }, (_, second) => {
    const swing = 20 * Math.sin(second / 40);
    const look = { residentMb: 300 + swing, handles: 60 + (second % 7), threads: 40 + (second % 2) };
    const sample = { atMs: second * 1000, host: look, engine: look, eventLoopP99Ms: 3, archiveFrames: second * 5 };
    return change(sample, second / 60);
  });

const broken = (samples: readonly SoakSample[], end: SoakEnd = calm): string[] =>
  judgeSoak(samples, end, soakBounds(45)).flatMap(({ figure, kept }) => (kept ? [] : [figure]));

test('what comes and goes keeps every bound', () => {
  expect(broken(samplesOf())).toEqual([]);
});

test.each<[string, (sample: SoakSample, minute: number) => SoakSample]>([
  [
    'host, MB a minute',
    (one, minute) => ({ ...one, host: { ...one.host, residentMb: one.host.residentMb + 1.5 * minute } }),
  ],
  [
    'engine, more handles',
    (one, minute) => ({ ...one, engine: { ...one.engine, handles: one.engine.handles + 2 * minute } }),
  ],
  ['host, more threads', (one, minute) => ({ ...one, host: { ...one.host, threads: one.host.threads + minute / 2 } })],
  ['event loop p99, ms', (one, minute) => ({ ...one, eventLoopP99Ms: minute > 30 && minute < 31 ? 12 : 3 })],
  [
    'archive stood still, ms',
    (one, minute) => ({ ...one, archiveFrames: minute > 20 && minute < 20.5 ? 6_000 : one.archiveFrames }),
  ],
])('%s: seen', (figure, change) => {
  expect(broken(samplesOf(change))).toEqual([figure]);
});

test.each<[string, Partial<SoakEnd>]>([
  ['dropped share', { dropped: 130 }],
  ['frames unaccounted for', { unaccounted: 1 }],
  ['cameras that missed their SLO', { sloMet: 7 }],
  ['gaps in the recordings', { gaps: 1 }],
  ['packets left out', { packetsLeftOut: 1 }],
  ['engine restarts', { engineRestarts: 1 }],
])('%s: seen at the end', (figure, change) => {
  expect(broken(samplesOf(), { ...calm, ...change })).toEqual([figure]);
});
