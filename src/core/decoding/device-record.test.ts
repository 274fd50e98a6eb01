import { expect, test } from 'vitest';
import {
  afterPacket,
  justShown,
  nothingSent,
  whyGivenUp,
  type DeviceAnswer,
  type DeviceRecord,
} from './device-record.ts';

const well: DeviceAnswer = { kind: 'well' };
const damaged: DeviceAnswer = { kind: 'damaged' };

/** @param packets `K` is a keyframe */
const given = (record: DeviceRecord, packets: string): DeviceRecord =>
  [...packets].reduce((now, packet) => afterPacket(now, packet === 'K'), record);

test('an error of the device ends it at once, whatever it has shown', () => {
  const broken: DeviceAnswer = { kind: 'broken', words: 'Input/output error' };
  expect(whyGivenUp(nothingSent, broken)).toBe('failed: Input/output error');
  expect(whyGivenUp(justShown, broken)).toBe('failed: Input/output error');
});

test('the first picture decides: damage before a keyframe is the stream, with one it is the device', () => {
  expect(whyGivenUp(given(nothingSent, 'ppp'), damaged)).toBeNull();
  expect(whyGivenUp(given(nothingSent, 'pK'), damaged)).toBe('could not decode its first picture');
  expect(whyGivenUp(given(justShown, 'Kpp'), damaged)).toBeNull();
});

test('pictures may be held back, but not for ever', () => {
  expect(whyGivenUp(given(nothingSent, `K${'p'.repeat(31)}`), well)).toBeNull();
  expect(whyGivenUp(given(nothingSent, `K${'p'.repeat(32)}`), well)).toBe('gave no picture');
  expect(whyGivenUp(given(nothingSent, 'p'.repeat(500)), well)).toBeNull();
});

test('once it has shown something, a whole group of pictures has to be lost', () => {
  expect(whyGivenUp(given(justShown, 'p'.repeat(250)), damaged)).toBeNull();
  expect(whyGivenUp(given(justShown, `K${'p'.repeat(250)}`), damaged)).toBeNull();
  expect(whyGivenUp(given(justShown, `K${'p'.repeat(40)}K`), damaged)).toBe('gives no pictures any more');
  expect(whyGivenUp(given(justShown, 'K'.repeat(20)), well)).toBeNull();
  expect(whyGivenUp(given(justShown, 'K'.repeat(33)), well)).toBe('gives no pictures any more');
});
