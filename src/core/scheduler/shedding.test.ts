import { describe, expect, test } from 'vitest';
import type { CameraSettings } from '../../shared/domain/camera.ts';
import { simulate, type SimulatedCamera, type SimulationLog } from '../testing/simulated-slot.ts';
import { drainShed, lanesSnapshot } from './scheduler.ts';
import { workShape } from './work-shape.ts';

const shape = workShape('model', { width: 416, height: 416 }, { score: 0.4, iou: 0.5, classes: null });

interface Given {
  readonly weight?: CameraSettings['weight'];
  readonly fps: number;
  readonly fromMs?: number;
  readonly toMs: number;
  readonly motion?: (frame: number) => number;
}

function camera(source: string, { weight = 'normal', fps, fromMs = 0, toMs, motion }: Given): SimulatedCamera {
  const periodMs = 1000 / fps;
  const phaseMs = (7 * source.length + 13 * (source.codePointAt(0) ?? 0)) % periodMs;
  const captures = [];
  for (let frame = 0; fromMs + phaseMs + frame * periodMs < toMs; frame += 1) {
    const capturedMonoMs = fromMs + phaseMs + frame * periodMs;
    const moved = motion === undefined ? {} : { motion: motion(frame) };
    captures.push({ capturedMonoMs, readyMonoMs: capturedMonoMs + 3, ...moved });
  }
  return { source, sloMs: 200, weight, shape, openMonoMs: 0, captures };
}

/** Every run takes 10 ms: a hundred frames a second are all there is. */
function shiftOf(cameras: SimulatedCamera[], endMonoMs: number, archiveFloorShare = 0.05): SimulationLog {
  return simulate({
    endMonoMs,
    settings: { archiveFloorShare },
    warmed: { live: [1], archive: [1, 2, 4, 8] },
    durationMs: (_lane, batch) => 10 * batch,
    cameras,
    jobs: [{ jobId: 'night', batch: 'auto', openMonoMs: 0, frames: 1e6, decodeMs: 1, shapes: [shape] }],
  });
}

/** Share of the camera's frames captured in the span that were analysed. */
function analysedShare(log: SimulationLog, source: string, fromMs: number, toMs: number): number {
  const captured = log.admitted.filter(
    ({ ticket }) => ticket.source === source && ticket.capturedMonoMs >= fromMs && ticket.capturedMonoMs < toMs,
  );
  const ran = new Set(log.runs.flatMap(({ tickets }) => tickets.map(({ frameId }) => frameId)));
  return captured.filter(({ ticket }) => ran.has(ticket.frameId)).length / captured.length;
}

describe('cameras that ask for more than there is', () => {
  const toMs = 30_000;
  const cameras = [
    camera('critical', { weight: 'critical', fps: 20, toMs }),
    camera('a normal', { fps: 40, toMs }),
    camera('low one', { weight: 'low', fps: 40, toMs }),
    camera('another low', { weight: 'low', fps: 40, toMs }),
  ];
  const log = shiftOf(cameras, toMs);

  test('give by weight: low first, critical never', () => {
    expect(analysedShare(log, 'critical', 1_000, toMs - 500)).toBe(1);
    expect(analysedShare(log, 'a normal', 5_000, toMs - 500)).toBeGreaterThan(0.97);
    const low = analysedShare(log, 'low one', 5_000, toMs - 500);
    expect(low).toBeGreaterThan(0.2);
    expect(low).toBeLessThan(0.55);
    const late = log.runs.flatMap(({ lane, tickets, endedMonoMs }) =>
      lane === 'live'
        ? tickets.filter(({ source, capturedMonoMs }) => source === 'critical' && endedMonoMs - capturedMonoMs > 200)
        : [],
    );
    expect(late).toEqual([]);
  });

  test('the steps come in their order, each told with its reason', () => {
    const facts = drainShed(log.scheduler).filter(({ frames }) => frames === 0);
    const first = (step: string): number => facts.find((one) => one.step === step)?.monoMs ?? Infinity;
    expect(first('archive-to-floor')).toBeLessThan(first('rate-halved'));
    const halved = facts.filter(({ step }) => step === 'rate-halved').map(({ camera: name }) => name);
    expect(halved.slice(0, 2).sort()).toEqual(['another low', 'low one']);
    expect(halved).not.toContain('critical');
    for (const { why } of facts) expect(why).not.toBe('');
    expect(facts.find(({ step }) => step === 'archive-to-floor')?.why).toMatch(
      /^the archive goes to its floor: \d+ frames broke their promise, cameras ask for \d+ % of the device$/,
    );
  });

  test('the archive has its floor, no more and no less', () => {
    const ran = log.runs.filter(({ lane, startedMonoMs }) => lane === 'archive' && startedMonoMs > 5_000);
    const busyMs = ran.reduce((sum, { startedMonoMs, endedMonoMs }) => sum + endedMonoMs - startedMonoMs, 0);
    expect(busyMs / (toMs - 5_000)).toBeGreaterThan(0.04);
    expect(busyMs / (toMs - 5_000)).toBeLessThan(0.06);
  });

  test('the ledger has every frame that gave way, and the snapshot its sums', () => {
    const again = shiftOf(cameras, 4_000);
    const frames = (step: string): number =>
      drained.filter((one) => one.step === step).reduce((sum, one) => sum + one.frames, 0);
    const { shed, shedding } = lanesSnapshot(again.scheduler, 4_000, 0);
    const drained = drainShed(again.scheduler);
    const count = (reason: string): number => again.drops.filter((drop) => drop.reason === reason).length;
    expect(shed).toMatchObject({ 'rate-halved': count('shed-rate'), 'oldest-out': count('queue-full') });
    expect([frames('rate-halved'), frames('oldest-out'), frames('early-drop')]).toEqual([
      count('shed-rate'),
      count('queue-full'),
      count('too-late'),
    ]);
    expect(count('shed-rate')).toBeGreaterThan(20);
    expect(shedding).toContain('archive-to-floor');
    expect(shedding).toContain('rate-halved');
    expect(drainShed(again.scheduler)).toEqual([]);
  });
});

test('when the rush is over, everything is taken back step by step', () => {
  const toMs = 40_000;
  const log = shiftOf(
    [
      camera('critical', { weight: 'critical', fps: 5, toMs }),
      camera('low one', { weight: 'low', fps: 10, toMs }),
      camera('rush', { weight: 'low', fps: 130, fromMs: 2_000, toMs: 12_000 }),
    ],
    toMs,
  );
  const facts = drainShed(log.scheduler).filter(({ frames }) => frames === 0);
  expect(facts.some(({ step, why }) => step === 'rate-halved' && why.startsWith('its full rate again'))).toBe(true);
  expect(facts.at(-1)?.why).toMatch(/^(the archive has what is left again|ends)/);
  const { shedding } = lanesSnapshot(log.scheduler, toMs, 0);
  expect(shedding).toEqual([]);
  expect(log.scheduler.live.isFair).toBe(false);
  // It does not go to and fro.
  expect(facts.filter(({ step }) => step === 'archive-to-floor').length).toBeLessThanOrEqual(6);
  expect(analysedShare(log, 'low one', 25_000, toMs - 500)).toBe(1);
  const chunks = log.runs.filter(({ lane, startedMonoMs }) => lane === 'archive' && startedMonoMs > 25_000);
  expect(chunks.length).toBeGreaterThan(1_000);
});

test('quiet frames go first, moving ones and every tenth quiet one stay', () => {
  const toMs = 20_000;
  const log = shiftOf(
    [
      camera('busy', { fps: 40, toMs, motion: () => 0.2 }),
      camera('still', { fps: 40, toMs, motion: (frame) => (frame % 8 === 0 ? 0.3 : 0.001) }),
      camera('critical', { weight: 'critical', fps: 40, toMs, motion: () => 0 }),
    ],
    toMs,
  );
  expect(analysedShare(log, 'critical', 2_000, toMs - 500)).toBe(1);
  expect(analysedShare(log, 'busy', 3_000, toMs - 500)).toBeGreaterThan(0.97);
  const quiet = log.drops.filter(({ reason }) => reason === 'shed-quiet');
  expect(quiet.length).toBeGreaterThan(100);
  expect(new Set(quiet.map(({ source }) => source))).toEqual(new Set(['still']));
  for (const { ticket } of quiet) expect(ticket.motion).toBe(0.001);
  expect(log.drops.filter(({ reason }) => reason === 'shed-rate').length).toBeLessThan(quiet.length / 5);
});

test('the floor waits where a critical camera would break its promise by it', () => {
  const toMs = 10_000;
  const script = (weight: CameraSettings['weight']): SimulationLog =>
    simulate({
      endMonoMs: toMs,
      settings: { archiveFloorShare: 0.3 },
      warmed: { live: [1], archive: [1] },
      // A chunk takes longer than the 60 ms that are promised.
      durationMs: (lane) => (lane === 'live' ? 10 : 80),
      cameras: [{ ...camera('gate', { weight, fps: 20, toMs }), sloMs: 60 }],
      jobs: [{ jobId: 'night', batch: 'auto', openMonoMs: 500, frames: 1e6, decodeMs: 1, shapes: [shape] }],
    });
  const missed = (log: SimulationLog): number =>
    log.drops.length +
    log.runs.filter(
      ({ lane, tickets, endedMonoMs }) => lane === 'live' && endedMonoMs - (tickets[0]?.capturedMonoMs ?? 0) > 60,
    ).length;
  expect(missed(script('critical'))).toBe(0);
  expect(missed(script('normal'))).toBeGreaterThan(10);
});
