import { createHash } from 'node:crypto';
import { Frame } from 'node-av/lib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DecoderInUse } from '../../../shared/domain/decoding.ts';
import { silenceFfmpeg } from '../ffmpeg.ts';
import { planeOf } from '../frame-scaler.ts';
import { fakeHardware, fakeOrder, type FakeDevice } from '../testing/fake-hardware.ts';
import { DrawnStream } from './drawn-stream.ts';
import { HardwareUse } from './hardware-use.ts';
import { HeldPackets } from './held-packets.ts';
import { PictureDecoder } from './picture-decoder.ts';

silenceFfmpeg();
let stream: DrawnStream;
beforeAll(() => {
  stream = new DrawnStream('h264');
});
afterAll(() => {
  stream.close();
});

interface Seen {
  readonly pictures: readonly { readonly pts: number; readonly hash: string }[];
  /** What decoded it behind each picture. */
  readonly inUse: readonly (DecoderInUse | null)[];
}

function decode(use: HardwareUse | null): Seen {
  const decoder = new PictureDecoder(stream, 1e6, use);
  const frame = new Frame();
  frame.alloc();
  const pictures: { pts: number; hash: string }[] = [];
  const inUse: (DecoderInUse | null)[] = [use?.inUse ?? null];
  for (const packet of [...stream.packets, null]) {
    expect(decoder.send(packet)).toBeGreaterThanOrEqual(0);
    while (decoder.receive(frame) >= 0) {
      const hash = createHash('sha1').update(planeOf(frame).bytes).digest('hex');
      pictures.push({ pts: Number(frame.bestEffortTimestamp), hash });
      inUse.push(use?.inUse ?? null);
    }
  }
  frame.free();
  decoder.close();
  return { pictures, inUse };
}

const useOf = (device: FakeDevice): HardwareUse => new HardwareUse(fakeOrder(device), fakeHardware);

test('what the device shows is what counts as decoded by it, from its first picture on', () => {
  const expected = decode(null);
  expect(expected.pictures).toHaveLength(12);
  const use = useOf('works');
  const { pictures, inUse } = decode(use);
  expect(pictures).toEqual(expected.pictures);
  expect(inUse[0]).toBeNull();
  expect(inUse[1]).toEqual({ kind: 'hardware', hardware: 'vaapi' });
  expect(new Set(inUse.slice(1)).size).toBe(1);
});

describe('the processor takes over, and no picture is missing or comes twice', () => {
  test.each([
    ['cannot-be-opened', 'VAAPI cannot be opened: no driver', 0],
    ['has-no-decoder', 'VAAPI has no decoder for h264', 0],
    ['refuses-the-stream', 'VAAPI cannot be used: no such profile', 0],
    ['does-not-take-it', 'VAAPI does not take this stream: its profile or its size', 0],
    ['fails-at-1', /^VAAPI did not hand out a picture: /, 0],
    ['fails-at-3', /^VAAPI did not hand out a picture: /, 2],
    ['fails-at-9', /^VAAPI did not hand out a picture: /, 8],
  ] as const)('%s', (device, why, byDevice) => {
    const { pictures, inUse } = decode(useOf(device));
    expect(pictures).toEqual(decode(null).pictures);
    expect(inUse.filter((one) => one?.kind === 'hardware')).toHaveLength(byDevice);
    expect(inUse.at(-1)).toMatchObject({
      kind: 'software',
      hardware: 'failed',
      why: typeof why === 'string' ? why : (expect.stringMatching(why) as string),
    });
  });
});

test('what was given up is not asked again, whatever is opened next', () => {
  const use = useOf('fails-at-3');
  decode(use);
  const again = decode(use);
  expect(again.pictures).toHaveLength(12);
  expect(again.inUse.every((one) => one?.kind === 'software')).toBe(true);
});

test('a codec that no device takes is not tried', () => {
  const use = new HardwareUse(fakeOrder('cannot-be-opened', ['hevc']), fakeHardware);
  decode(use);
  expect(use.inUse).toEqual({ kind: 'software', why: 'VAAPI does not decode h264 here', hardware: 'not-asked' });
});

test('packets are held from a keyframe on, and a group that is too long is not', () => {
  const held = new HeldPackets();
  const [first, second] = stream.packets;
  if (first === undefined || second === undefined) throw new Error('nothing was drawn');
  expect([first.isKeyframe, second.isKeyframe]).toEqual([true, false]);
  const count = (): number => {
    const packets = held.take();
    for (const packet of packets) packet.free();
    return packets.length;
  };
  held.add(second);
  expect(count()).toBe(0);
  for (const packet of stream.packets) held.add(packet);
  expect(count()).toBe(6); // the second of two groups
  held.add(first);
  for (let sent = 0; sent < 299; sent++) held.add(second);
  expect(count()).toBe(300);
  held.add(first);
  for (let sent = 0; sent < 300; sent++) held.add(second);
  expect(count()).toBe(0);
});
