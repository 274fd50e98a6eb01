import { expect, test } from 'vitest';
import { ClockOffset } from './clock-offset.ts';
import { FrozenPicture } from './frozen-picture.ts';
import { SilenceWatch } from './silence-watch.ts';

test('a camera is silent after 20 s, a slow one after three of its intervals', () => {
  const quick = new SilenceWatch(20_000, 40, 0);
  expect(quick.isSilent(20_000)).toBe(false);
  expect(quick.isSilent(20_001)).toBe(true);
  const slow = new SilenceWatch(20_000, null, 0);
  for (let ms = 5000; ms <= 95_000; ms += 10_000) slow.picture(ms);
  expect(slow.intervalMs).toBe(10_000);
  expect(slow.isSilent(125_000)).toBe(false);
  expect(slow.isSilent(125_001)).toBe(true);
  expect(new SilenceWatch(20_000, 10_000, 0).limitMs).toBe(30_000);
});

test('pictures read all at once at the beginning do not make a slow camera quick', () => {
  const watch = new SilenceWatch(1000, 2000, 0);
  for (const ms of [0, 1, 2, 2000]) watch.picture(ms);
  expect(watch.limitMs).toBe(6000);
});

test('a single stall makes no camera slow', () => {
  const watch = new SilenceWatch(1000, null, 0);
  for (const ms of [0, 100, 200, 1100, 1200, 1300]) watch.picture(ms);
  expect(watch.limitMs).toBe(1000);
});

/** Pictures ten times a second; answers when it was called frozen, in ms, or null. */
function frozenAt(watch: FrozenPicture, signatureAt: (ms: number) => number, keyframeEveryMs: number): number | null {
  for (let ms = 0; ms <= 60_000; ms += 100) {
    watch.look(ms, Math.floor(ms / keyframeEveryMs), () => signatureAt(ms));
    if (watch.isFrozen) return ms;
  }
  return null;
}

test('a picture that stands still is frozen within 30 s, with and without keyframes', () => {
  const stops = (ms: number): number => Math.min(ms, 2000);
  expect(frozenAt(new FrozenPicture(20_000, false), stops, 2000)).toBe(22_000);
  expect(frozenAt(new FrozenPicture(20_000, false), stops, 1e9)).toBe(30_000);
});

test('neither noise nor a test card is frozen; what was alive in an earlier connection is', () => {
  // Nothing but one pixel's last bit, at each keyframe.
  expect(frozenAt(new FrozenPicture(20_000, true), (ms) => Math.floor(ms / 2000) % 2, 2000)).toBeNull();
  expect(frozenAt(new FrozenPicture(20_000, false), () => 7, 2000)).toBeNull();
  expect(frozenAt(new FrozenPicture(20_000, true), () => 7, 2000)).toBe(20_000);
});

test('two equal pictures of a slow camera are not a frozen one, and a change ends it', () => {
  const watch = new FrozenPicture(20_000, true);
  const look = (ms: number, signature: number): void => {
    watch.look(ms, ms, () => signature);
  };
  for (const ms of [0, 10_000, 20_000, 30_000, 40_000]) look(ms, 1);
  expect(watch.isFrozen).toBe(false);
  look(50_000, 1);
  expect(watch.isFrozen).toBe(true);
  look(60_000, 2);
  expect(watch.isFrozen).toBe(false);
});

test("the camera's clock: the quickest transit of the last ones counts", () => {
  const clock = new ClockOffset();
  expect(clock.offsetMs).toBeNull();
  for (const [index, transitMs] of [40, 12, 300, 25].entries()) {
    const atMs = 1_000_000 + index * 100;
    // Five seconds ahead.
    clock.told(atMs + 5000, atMs + transitMs);
  }
  expect(clock.offsetMs).toBe(4988);
  // Set right: what was known before is forgotten at once.
  clock.told(2_000_000, 2_000_010);
  expect(clock.offsetMs).toBe(-10);
});
