import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { failed, ok, type Result } from '../../shared/errors.ts';
import { AskedAgain } from './asked-again.svelte.ts';

beforeEach(() => vi.useFakeTimers({ now: 1_000 }));
afterEach(() => vi.useRealTimers());

/** A question whose answers are given by hand, oldest first. */
function byHand() {
  const open: ((answer: Result<string>) => void)[] = [];
  const asked = new AskedAgain(
    () =>
      new Promise<Result<string>>((resolve) => {
        open.push(resolve);
      }),
    5_000,
  );
  const answer = async (index: number, result: Result<string>): Promise<void> => {
    open[index]?.(result);
    await vi.advanceTimersByTimeAsync(0);
  };
  return { asked, open, answer };
}

const refusal = failed({ kind: 'engine-lost', message: 'The engine is away.' });

test('a refusal leaves the answer before it in place, and says why and since when it is old', async () => {
  const { asked, answer } = byHand();
  const stop = asked.start();
  await answer(0, ok('first'));
  await vi.advanceTimersByTimeAsync(5_000);
  await answer(1, refusal);
  expect(asked).toMatchObject({ answer: 'first', answeredAtMs: 1_000, error: { kind: 'engine-lost' } });
  await vi.advanceTimersByTimeAsync(5_000);
  await answer(2, ok('second'));
  expect(asked).toMatchObject({ answer: 'second', answeredAtMs: 11_000, error: null });
  stop();
});

test('questions do not pile up behind a slow answer, and end with the one who looks', async () => {
  const { asked, open, answer } = byHand();
  const stop = asked.start();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(open).toHaveLength(1);
  await answer(0, ok('at last'));
  await vi.advanceTimersByTimeAsync(5_000);
  expect(open).toHaveLength(2);
  stop();
  await answer(1, ok('more'));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(open).toHaveLength(2);
});

test('the answer of an earlier question does not take the place of a later one’s', async () => {
  const { asked, answer } = byHand();
  void asked.refresh();
  void asked.refresh();
  await answer(1, ok('later'));
  await answer(0, ok('earlier'));
  expect(asked.answer).toBe('later');
});
