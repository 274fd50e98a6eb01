import { describe, expect, test } from 'vitest';
import { jobStates } from '../../shared/domain/job.ts';
import { canDo, isActive, transition, type JobAction } from './job-state.ts';

const actions: JobAction[] = [
  { do: 'start' },
  { do: 'enumerated' },
  { do: 'finish' },
  { do: 'fail', reason: 'the folder is gone' },
  { do: 'pause', reason: null },
  { do: 'resume' },
  { do: 'interrupt' },
  { do: 'cancel' },
  { do: 'run-again' },
];

describe('a job', () => {
  test('goes its way', () => {
    let { state } = transition('queued', { do: 'start' });
    expect(state).toBe('enumerating');
    ({ state } = transition(state, { do: 'enumerated' }));
    expect(state).toBe('running');
    ({ state } = transition(state, { do: 'pause', reason: 'the disk is full' }));
    expect(transition('running', { do: 'pause', reason: 'the disk is full' })).toEqual({
      state: 'paused',
      reason: 'the disk is full',
    });
    ({ state } = transition(state, { do: 'resume' }));
    expect(state).toBe('queued');
    expect(transition('running', { do: 'interrupt' }).state).toBe('queued');
    expect(transition('running', { do: 'finish' })).toEqual({ state: 'done', reason: null });
    expect(transition('done', { do: 'run-again' }).state).toBe('queued');
  });

  test('every state has a way on, and every action one that is refused', () => {
    for (const state of jobStates) expect(actions.some((action) => canDo(state, action.do))).toBe(true);
    for (const action of actions) {
      const [allowed, refused] = [true, false].map((can) => jobStates.filter((one) => canDo(one, action.do) === can));
      expect(allowed?.length).toBeGreaterThan(0);
      expect(refused?.length).toBeGreaterThan(0);
      for (const state of allowed ?? []) expect(jobStates).toContain(transition(state, action).state);
      for (const state of refused ?? []) {
        expect(() => transition(state, action)).toThrow(expect.objectContaining({ kind: 'conflict' }) as Error);
      }
    }
  });

  test('says why not, and when', () => {
    expect(() => transition('done', { do: 'pause', reason: null })).toThrow('A job that is done cannot pause.');
  });

  test('is active while its items are looked for and worked on', () => {
    expect(jobStates.filter(isActive)).toEqual(['enumerating', 'running']);
  });
});
