import { describe, expect, test } from 'vitest';
import { decideInstances, firstWatch, joined, type InstanceFacts, type InstanceWatch } from './instances.ts';

const facts = (change: Partial<InstanceFacts> = {}): InstanceFacts => ({
  nowMonoMs: 0,
  scale: 'auto',
  most: 2,
  count: 1,
  warming: false,
  backlogMs: 60_000,
  clearsMs: 1_000,
  cores: 16,
  threadsEach: 8,
  liveCameras: 0,
  wholeMs: 10,
  halfMs: 12,
  archivePerSecond: 100,
  ...change,
});

/** The watch after the backlog has lasted for `ms`. */
const afterBacklog = (ms: number, change: Partial<InstanceFacts> = {}): ReturnType<typeof decideInstances> => {
  const { watch } = decideInstances(firstWatch, facts(change));
  return decideInstances(watch, facts({ ...change, nowMonoMs: ms }));
};

describe('a second executor', () => {
  test('comes when the backlog has lasted ten seconds, not before', () => {
    expect(afterBacklog(9_999).decision.do).toBe('stay');
    expect(afterBacklog(10_000).decision).toMatchObject({ do: 'add', threads: 8 });
    const { watch } = decideInstances(firstWatch, facts());
    const cleared = decideInstances(watch, facts({ nowMonoMs: 9_000, backlogMs: 500 }));
    expect(decideInstances(cleared.watch, facts({ nowMonoMs: 10_000 })).decision.do).toBe('stay');
  });

  test('needs a predicted gain of a tenth: free cores, or halves that do more than the whole', () => {
    const shared = { cores: 8 };
    expect(afterBacklog(10_000, { ...shared, halfMs: 18.2 }).decision).toEqual({
      do: 'stay',
      why: 'one executor: a second would help by 9.9 % (a picture takes 10.0 ms with 8 threads and 18.2 ms with 4)',
    });
    expect(afterBacklog(10_000, { ...shared, halfMs: 18 }).decision).toMatchObject({ do: 'add', threads: 4 });
    expect(afterBacklog(10_000, { ...shared, halfMs: null }).decision.why).toContain('not measured yet');
    expect(afterBacklog(10_000, { cores: 1, threadsEach: 1 }).decision.why).toContain('there is one core');
  });

  test('takes no cores from cameras', () => {
    const shared = { cores: 8, halfMs: 12, liveCameras: 1 };
    expect(afterBacklog(10_000, shared).decision.why).toContain('take cores from the cameras');
    expect(afterBacklog(10_000, { liveCameras: 1 }).decision.do).toBe('add');
    const { watch } = afterBacklog(10_000, { ...shared, liveCameras: 0 });
    const opened = decideInstances(joined(watch, 11_000), facts({ ...shared, nowMonoMs: 12_000, count: 2 }));
    expect(opened.decision).toEqual({ do: 'retire', why: 'it would take cores from the cameras' });
  });

  test('never comes where it is switched off or not allowed', () => {
    expect(afterBacklog(10_000, { scale: 'off' }).decision.why).toContain('switched off');
    expect(afterBacklog(10_000, { most: 1 }).decision.why).toContain('no more are allowed');
  });
});

describe('a second executor that is there', () => {
  const added = (): InstanceWatch => joined(afterBacklog(10_000).watch, 15_000);

  test('goes again if it does not help, and is not tried again for an hour', () => {
    const still = decideInstances(added(), facts({ nowMonoMs: 44_000, count: 2, archivePerSecond: 105 }));
    expect(still.decision.do).toBe('stay');
    const gone = decideInstances(still.watch, facts({ nowMonoMs: 45_000, count: 2, archivePerSecond: 105 }));
    expect(gone.decision).toEqual({
      do: 'retire',
      why: 'it did not help: 100.0 pictures/s before, 105.0 with it',
    });
    const later = (ms: number) => decideInstances(gone.watch, facts({ nowMonoMs: ms })).decision.do;
    expect(later(46_000)).toBe('stay');
    expect(later(45_000 + 3_600_000)).toBe('add');
  });

  test('stays if it helps, and goes after a minute of idleness', () => {
    const kept = decideInstances(added(), facts({ nowMonoMs: 45_000, count: 2, archivePerSecond: 180 }));
    expect(kept.decision).toEqual({ do: 'stay', why: '2 executors: 100.0 pictures/s before, 180.0 with it' });
    const idle = decideInstances(kept.watch, facts({ nowMonoMs: 50_000, count: 2, backlogMs: 0 }));
    expect(decideInstances(idle.watch, facts({ nowMonoMs: 109_000, count: 2, backlogMs: 0 })).decision.do).toBe('stay');
    expect(decideInstances(idle.watch, facts({ nowMonoMs: 110_000, count: 2, backlogMs: 0 })).decision).toEqual({
      do: 'retire',
      why: 'nothing waited for 60 s',
    });
  });

  test('goes at once when it is switched off', () => {
    expect(decideInstances(added(), facts({ count: 2, scale: 'off' })).decision.do).toBe('retire');
  });
});
