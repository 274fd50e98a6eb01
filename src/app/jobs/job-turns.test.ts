import { expect, test } from 'vitest';
import { JobTurns } from './job-turns.ts';

function open(most: number): {
  turns: JobTurns<string>;
  begun: string[];
  end: (job: string) => Promise<void>;
  set: (most: number) => void;
} {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  let allowed = most;
  const turns = new JobTurns<string>(
    () => allowed,
    (job) => {
      begun.push(job);
      return new Promise((resolve) => ends.set(job, resolve));
    },
    () => undefined,
  );
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  };
  return {
    turns,
    begun,
    set: (number) => (allowed = number),
    end: async (job) => {
      await settle();
      ends.get(job)?.();
      await settle();
    },
  };
}

test('so many run, the others wait in order and know their place', async () => {
  const { turns, begun, end } = open(2);
  turns.add('a', 'b', 'c', 'd');
  expect([turns.placeOf('a'), turns.placeOf('c'), turns.placeOf('d')]).toEqual([null, 1, 2]);
  turns.remove('c');
  expect(turns.placeOf('d')).toBe(1);
  await end('a');
  expect(begun).toEqual(['a', 'b', 'd']);
  expect(turns.isRunning('a')).toBe(false);
});

test('one that is asked for again waits for the end of its last run, and holds up nobody meanwhile', async () => {
  const { turns, begun, end } = open(2);
  turns.add('a');
  turns.add('a', 'b');
  await end('none');
  expect(begun).toEqual(['a', 'b']);
  expect(turns.placeOf('a')).toBe(1);
  await end('a');
  expect(begun).toEqual(['a', 'b', 'a']);
});

test('more are let in when more may run; after the close none is', async () => {
  const { turns, begun, end, set } = open(1);
  turns.add('a', 'b', 'c');
  set(2);
  turns.look();
  await end('none');
  expect(begun).toEqual(['a', 'b']);
  const closed = turns.close();
  await end('a');
  await end('b');
  await closed;
  expect(begun).toEqual(['a', 'b']);
});
