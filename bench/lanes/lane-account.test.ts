import { expect, test } from 'vitest';
import type { LaneName } from '../../src/shared/domain/lanes.ts';
import type { Ticket } from '../../src/shared/engine/protocol.ts';
import { archiveRate, callMs, LaneMeter, latenciesOf, missShare, retained, spendingOf } from './lane-account.ts';

const ticket = (lane: LaneName, capturedMonoMs: number): Ticket => ({
  frameId: 1,
  lane,
  source: 'a',
  frame: 0,
  timeMs: 0,
  capturedMonoMs,
  capturedAtMs: 0,
  sourceWidth: 1,
  sourceHeight: 1,
  motion: null,
});
const ladder = new Map([
  [1, 10],
  [2, 18],
  [4, 32],
]);

const call = (frames: number): { readonly frames: number; readonly runMs: number } => ({ frames, runMs: 12 * frames });

test('only frames of the counted stretch are counted, and one without a result is infinitely late', () => {
  const meter = new LaneMeter(1_000, 2_000);
  for (const capturedMonoMs of [990, 1_000, 1_500, 1_999, 2_000]) meter.captured(ticket('live', capturedMonoMs));
  meter.analysed(ticket('live', 990), call(1), 1_010);
  meter.analysed(ticket('live', 1_000), call(1), 1_012);
  meter.analysed(ticket('live', 1_999), call(1), 2_030);
  meter.dropped(ticket('live', 1_500), 'too-late');
  meter.dropped(ticket('live', 2_500), 'queue-full');
  expect(meter.account).toMatchObject({ captured: 3, dropped: 1, droppedBy: new Map([['too-late', 1]]) });
  expect(missShare([meter.account], 20)).toBeCloseTo(2 / 3);
  expect(latenciesOf(meter.account)).toEqual([12, 31, Number.POSITIVE_INFINITY]);
  expect(meter.account.liveBySize.get(1)).toBe(2); // what ran inside the stretch
});

test('the archive rate counts whole calls between the end of the first and of the last', () => {
  const meter = new LaneMeter(0, 1_000);
  for (const endMs of [90, 190, 290, 390, 490]) {
    for (let frame = 0; frame < 4; frame++) meter.analysed(ticket('archive', 0), call(4), endMs);
  }
  expect(archiveRate(meter.account)).toBeCloseTo(40);
});

test('call times lie on straight lines between the measured sizes', () => {
  expect([1, 2, 3, 4, 8].map((size) => callMs(ladder, size))).toEqual([10, 18, 25, 32, 64]);
});

test('retained is 1 where everything that live left over was used at the pace of a bare loop', () => {
  const meter = new LaneMeter(0, 1_000);
  for (let frame = 0; frame < 30; frame++) meter.analysed(ticket('live', 10), call(1), 500); // 300 ms
  for (let frame = 0; frame < 70; frame++) meter.analysed(ticket('archive', 10), call(1), 500); // 700 ms
  expect(retained(meter.account, ladder, 'at-chunk')).toBeCloseTo(1);
  expect(retained(meter.account, ladder, 'at-best')).toBeCloseTo(0.8); // four at once take 8 ms each
});

test('what an archive does not keep went into live calls, between calls, or into calls that take longer than bare ones', () => {
  const meter = new LaneMeter(0, 1_000);
  for (let frame = 0; frame < 30; frame++) meter.analysed(ticket('live', 10), call(1), 500); // 360 ms
  for (let frame = 0; frame < 50; frame++) meter.analysed(ticket('archive', 10), call(1), 500); // 600 ms
  const { live, archive, between, callRatio } = spendingOf(meter.account, ladder);
  expect(live).toBeCloseTo(0.36);
  expect(archive).toBeCloseTo(0.6);
  expect(between).toBeCloseTo(0.04);
  expect(callRatio).toBeCloseTo(1.2);
});
