import { expect, test } from 'vitest';
import { DecodeTurns, type DecodeSeat } from './decode-turns.ts';

let nowMs = 0;
const never = (): boolean => false;
/** Looks once whether it is the seat's turn. */
const tries = (seat: DecodeSeat): boolean => {
  seat.want();
  const had = seat.tryTake();
  if (!had) seat.give(1);
  return had;
};

const open = (atOnce: number): DecodeTurns => {
  nowMs = 2_147_480; // the microseconds wrap soon
  return DecodeTurns.of(atOnce, () => nowMs);
};

test('only so many decode at once, over all threads that have the buffer', () => {
  const turns = open(1);
  const elsewhere = new DecodeTurns(() => nowMs, turns.buffer);
  const [one, two] = [turns.seat(0), elsewhere.seat(1)];
  one.take(never);
  expect(tries(two)).toBe(false);
  one.give(1);
  expect(tries(two)).toBe(true);
  expect(tries(one)).toBe(false);
  two.give(1);
  two.give(1); // twice is no second turn
  expect(tries(one)).toBe(true);
  expect(tries(two)).toBe(false);
});

test('time is shared by weight', () => {
  const turns = open(1);
  const seats = [turns.seat(0), turns.seat(1)] as const;
  const weights = [3, 1] as const;
  const used = [0, 0];
  for (let round = 0; round < 4_000; round++) {
    for (const seat of seats) seat.want();
    const next = seats[0].tryTake() ? 0 : 1;
    if (next === 1) expect(seats[1].tryTake()).toBe(true);
    const tookMs = 3 + (round % 5);
    nowMs += tookMs;
    used[next] = (used[next] ?? 0) + tookMs;
    seats[next].give(weights[next]);
  }
  expect((used[0] ?? 0) / (used[1] ?? 1)).toBeCloseTo(3, 1);
});

test('a turn that does not end is waited for a second, not longer; a thread that is gone frees it', () => {
  const turns = open(1);
  const [stuck, other, third] = [turns.seat(0), turns.seat(1), turns.seat(2)];
  stuck.take(never);
  nowMs += 999;
  expect(tries(other)).toBe(false);
  nowMs += 1;
  for (let frame = 0; frame < 5; frame++) {
    expect(tries(other)).toBe(true);
    other.give(1);
  }
  stuck.forget();
  expect(tries(third)).toBe(true);
  expect(tries(other)).toBe(false);
});

test('one that comes back after a rest does not catch up', () => {
  const turns = open(1);
  const [busy, late] = [turns.seat(0), turns.seat(1)];
  for (let frame = 0; frame < 100; frame++) {
    busy.take(never);
    nowMs += 10;
    busy.give(1);
  }
  let turnsOfLate = 0;
  late.take(never);
  nowMs += 10;
  late.give(1);
  for (let round = 0; round < 100; round++) {
    for (const seat of [busy, late]) seat.want();
    const isLate = !busy.tryTake();
    if (isLate) expect(late.tryTake()).toBe(true);
    nowMs += 10;
    turnsOfLate += isLate ? 1 : 0;
    (isLate ? late : busy).give(1);
  }
  expect(turnsOfLate).toBeGreaterThanOrEqual(48);
  expect(turnsOfLate).toBeLessThanOrEqual(52);
});

test('who comes first after the other has decoded alone for hours has its turns at once', () => {
  for (const minutes of [10, 37, 60, 80]) {
    const turns = open(1);
    const [long, late] = [turns.seat(0), turns.seat(1)];
    for (let second = 0; second < minutes * 60; second++) {
      expect(tries(long)).toBe(true);
      nowMs += 1_000;
      long.give(1);
    }
    let had = 0;
    for (let round = 0; round < 40; round++) {
      for (const seat of [long, late]) seat.want();
      const next = long.tryTake() ? long : late;
      if (next === late) {
        expect(late.tryTake()).toBe(true);
        had++;
      }
      nowMs += 20;
      next.give(1);
    }
    // The first one's last turn was a second.
    expect(had).toBeGreaterThanOrEqual(20);
  }
});
