import { expect, test } from 'vitest';
import { ClockTrust } from './clock-trust.ts';

const hour = 3_600_000;
const day = 24 * hour;
const t0 = 1_700_000_000_000;

/** Looks every minute, the clock `aheadMs` before what has passed. */
function looked(trust: ClockTrust, minutes: readonly number[], aheadMs = 0): void {
  for (const minute of minutes) trust.look(t0 + minute * 60_000 + aheadMs, minute * 60_000);
}

test('a clock that goes like time does is trusted, over nights and weekends in which nobody looked', () => {
  const trust = new ClockTrust();
  looked(trust, [0, 1, 2]);
  expect(trust.isTrusted(2 * 60_000)).toBe(true);
  trust.knownSince(t0 - 2.6 * day, 0);
  expect(trust.look(t0, 0)).toBeNull();
  expect(trust.isTrusted(0)).toBe(true);
});

test('one that jumps ahead is not, until it has gone on for hours', () => {
  const trust = new ClockTrust();
  looked(trust, [0]);
  expect(trust.look(t0 + 400 * day, 60_000)).toBeCloseTo(400 * day - 60_000);
  expect(trust.isTrusted(60_000)).toBe(false);
  expect(trust.look(t0 + 400 * day + 5 * hour, 60_000 + 5 * hour)).toBeNull();
  expect(trust.isTrusted(60_000 + 5 * hour)).toBe(false);
  expect(trust.isTrusted(60_000 + 6 * hour)).toBe(true);
});

test('one that is set right again is trusted at once; so is one that is set back', () => {
  const trust = new ClockTrust();
  looked(trust, [0]);
  trust.look(t0 + 400 * day, 60_000);
  trust.look(t0 + 120_000, 120_000);
  expect(trust.isTrusted(120_000)).toBe(true);
});
