import { describe, expect, test } from 'vitest';
import { afterEngineEnd, afterSuccess, engineEnd, mustRunAlone, noSuspects } from './suspects.ts';

describe('what ended the engine', () => {
  test.each([
    [{ code: null, signal: 'SIGSEGV' }, null, 'crashed'],
    [{ code: null, signal: 'SIGFPE' }, null, 'crashed'],
    [{ code: 1, signal: null }, null, 'crashed'],
    [{ code: 134, signal: null }, null, 'crashed'],
    [{ code: 0xc0000005, signal: null }, null, 'crashed'],
    [{ code: null, signal: 'SIGKILL' }, null, 'ended-from-outside'],
    [{ code: null, signal: 'SIGTERM' }, null, 'ended-from-outside'],
    [{ code: 137, signal: null }, null, 'ended-from-outside'],
    [{ code: 0, signal: null }, null, 'ended-from-outside'],
    [{ code: null, signal: 'SIGKILL' }, 'memory', 'ended-by-us'],
    [{ code: null, signal: 'SIGKILL' }, 'stop', 'ended-by-us'],
    [{ code: null, signal: 'SIGKILL' }, 'hung-call', 'hung'],
  ] as const)('%o while we asked for %s: %s', (exit, ours, end) => {
    expect(engineEnd(exit, ours)).toBe(end);
  });
});

describe('who is to blame', () => {
  test('everybody in a batch is suspected, nobody given up', () => {
    const { ledger, quarantined } = afterEngineEnd(noSuspects, 'crashed', ['a#1', 'a#2', 'b#0']);
    expect(quarantined).toEqual([]);
    expect(['a#1', 'a#2', 'b#0', 'b#1'].map((one) => mustRunAlone(ledger, one))).toEqual([true, true, true, false]);
  });

  test.each(['crashed', 'hung'] as const)('twice %s alone: given up', (end) => {
    const batch = afterEngineEnd(noSuspects, end, ['a#1', 'a#2']);
    const once = afterEngineEnd(batch.ledger, end, ['a#1']);
    expect(once.quarantined).toEqual([]);
    const twice = afterEngineEnd(once.ledger, end, ['a#1']);
    expect(twice.quarantined).toEqual(['a#1']);
    expect(mustRunAlone(twice.ledger, 'a#1')).toBe(false);
    expect(mustRunAlone(twice.ledger, 'a#2')).toBe(true);
  });

  test('a crash in company does not count as one alone', () => {
    let ledger = noSuspects;
    for (let crash = 0; crash < 5; crash += 1) {
      const after = afterEngineEnd(ledger, 'crashed', ['a#1', 'a#2']);
      expect(after.quarantined).toEqual([]);
      ledger = after.ledger;
    }
    expect(afterEngineEnd(ledger, 'crashed', ['a#1']).quarantined).toEqual([]);
  });

  test('progress between clears', () => {
    const once = afterEngineEnd(noSuspects, 'crashed', ['a#1']).ledger;
    const cleared = afterSuccess(once, ['a#1', 'c#9']);
    expect(mustRunAlone(cleared, 'a#1')).toBe(false);
    expect(afterEngineEnd(cleared, 'crashed', ['a#1']).quarantined).toEqual([]);
    expect(afterSuccess(once, ['c#9'])).toBe(once);
  });

  test.each(['ended-from-outside', 'ended-by-us'] as const)('%s is no evidence', (end) => {
    const once = afterEngineEnd(noSuspects, 'crashed', ['a#1']).ledger;
    for (let round = 0; round < 5; round += 1) {
      expect(afterEngineEnd(once, end, ['a#1'])).toEqual({ ledger: once, quarantined: [] });
    }
  });

  test('among 32 frames one bad one is found, and all others run', () => {
    const frames = Array.from({ length: 32 }, (_, index) => `a#${index}`);
    const bad = 'a#17';
    let { ledger } = afterEngineEnd(noSuspects, 'crashed', frames);
    const done: string[] = [];
    const given: string[] = [];
    for (const frame of frames) {
      while (!done.includes(frame) && !given.includes(frame)) {
        expect(mustRunAlone(ledger, frame)).toBe(true);
        if (frame === bad) {
          const after = afterEngineEnd(ledger, 'crashed', [frame]);
          ledger = after.ledger;
          given.push(...after.quarantined);
        } else {
          ledger = afterSuccess(ledger, [frame]);
          done.push(frame);
        }
      }
    }
    expect(given).toEqual([bad]);
    expect(done).toHaveLength(31);
    expect(ledger.crashesAlone.size).toBe(0);
  });
});
