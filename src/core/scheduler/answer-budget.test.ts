import { expect, test } from 'vitest';
import { createAnswerBudget, earnByTime, isSpent, settleFrame } from './answer-budget.ts';

test('one frame in a thousand may be made late, and a tenth more than cameras miss by themselves', () => {
  const budget = createAnswerBudget();
  for (let frame = 0; frame < 10_000; frame += 1) settleFrame(budget, 0, 0);
  // What was saved is bounded: three in a row are one too many.
  for (let frame = 0; frame < 2; frame += 1) settleFrame(budget, 1, 1);
  expect(isSpent(budget)).toBe(false);
  settleFrame(budget, 1, 1);
  expect(isSpent(budget)).toBe(true);
  for (let frame = 0; frame < 1_450; frame += 1) settleFrame(budget, 0, 0);
  expect(isSpent(budget)).toBe(false);
  settleFrame(budget, 1, 1);
  expect(isSpent(budget)).toBe(true);
  for (let frame = 0; frame < 15; frame += 1) settleFrame(budget, 1, 0);
  expect(isSpent(budget)).toBe(false);
});

test('a bad minute is made good within bounds, and by time where hardly any frame comes', () => {
  const budget = createAnswerBudget();
  earnByTime(budget, 0);
  for (let frame = 0; frame < 50; frame += 1) settleFrame(budget, 1, 1);
  earnByTime(budget, 2_000_000);
  expect(isSpent(budget)).toBe(true);
  earnByTime(budget, 4_100_000);
  expect(isSpent(budget)).toBe(false);
});
