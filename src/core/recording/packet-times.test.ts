import { expect, test } from 'vitest';
import { PacketTimes, recordedHz, type SourceTime } from './packet-times.ts';

const at = (dtsMs: number | null, ptsMs: number | null = dtsMs, durationMs: number | null = 100): SourceTime => ({
  dtsMs,
  ptsMs,
  durationMs,
});
const ms = (ticks: number): number => (ticks * 1000) / recordedHz;

/** Decoding times in ms of packets that arrive when `arrivedMs` says. */
function times(packets: readonly SourceTime[], arrivedMs: (index: number) => number): number[] {
  const times = new PacketTimes();
  return packets.map((packet, index) => ms(times.next(packet, arrivedMs(index)).dts));
}

test('packets begin at 0 and keep the distances of their source, however they arrive', () => {
  expect(times([at(5_000), at(5_100), at(5_250)], (index) => index * 7)).toEqual([0, 100, 250]);
});

test('a loop, a clock that jumps and one that stands still go on with the last duration', () => {
  expect(times([at(0), at(100), at(0), at(100)], (index) => index * 100)).toEqual([0, 100, 200, 300]);
  expect(times([at(0), at(3_600_000), at(3_600_100)], (index) => index * 100)).toEqual([0, 100, 200]);
  expect(times([at(0), at(0), at(0)], (index) => index * 100)).toEqual([0, 100, 200]);
});

test('where the source was silent meanwhile, the arrival says how long', () => {
  expect(times([at(100), at(0)], (index) => index * 7_000)).toEqual([0, 7_000]);
});

test('without any time stamps packets follow each other by their duration, or by 40 ms', () => {
  expect(times([at(null), at(null)], () => 0)).toEqual([0, 100]);
  expect(times([at(null, null, null), at(null, null, 0)], () => 0)).toEqual([0, 40]);
});

test('without any time stamps packets that come at different times are as far apart as they come', () => {
  expect(times([at(null), at(null), at(null)], (index) => index * 200)).toEqual([0, 200, 400]);
});

test.each([
  ['five pictures a second as if they were 25', 40, 200],
  ['25 pictures a second as if they were five', 200, 40],
])('a camera that counts %s is found out, and timed by its arrivals from then on', (_counts, stampMs, everyMs) => {
  const recorded = times(
    Array.from({ length: 1_000 }, (_, index) => at(index * stampMs)),
    (index) => index * everyMs,
  );
  for (const [index, ms] of recorded.entries()) expect(Math.abs(ms - index * everyMs)).toBeLessThanOrEqual(10_001);
  const last = recorded.slice(-100);
  for (const [index, ms] of last.slice(1).entries()) expect(ms - (last[index] ?? 0)).toBeCloseTo(everyMs, 0);
});

test('pictures that were held back for seconds keep their distances', () => {
  const recorded = times(
    Array.from({ length: 100 }, (_, index) => at(index * 100)),
    (index) => (index < 20 || index >= 90 ? index * 100 : 9_000),
  );
  expect(recorded).toEqual(Array.from({ length: 100 }, (_, index) => index * 100));
});

test('reordered pictures are shown as much later as the source says, but never by more than can be true', () => {
  const packetTimes = new PacketTimes();
  const first = packetTimes.next(at(0, 200), 0);
  expect(ms(first.pts - first.dts)).toBe(200);
  const second = packetTimes.next(at(100, 90_000), 100);
  expect(second.pts).toBe(second.dts);
});
