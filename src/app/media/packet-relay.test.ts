import { expect, test } from 'vitest';
import { decodeMedia } from '../../shared/contract/media.ts';
import type { StreamBatch, StreamConfig } from '../../shared/contract/stream.ts';
import { mostUnanswered, PacketRelay } from './packet-relay.ts';

const config: StreamConfig = {
  codec: 'avc1.64001f',
  description: Uint8Array.of(1, 100, 0, 31),
  width: 768,
  height: 576,
};

/** Packets numbered by their time, `k` a keyframe and `d` another, in one message with the stamp of the last. */
function batch(firstUs: number, kinds: string): StreamBatch {
  const packets = [...kinds].map((kind, index) => ({
    isKey: kind === 'k',
    timestampUs: firstUs + index,
    data: Uint8Array.of(firstUs + index, index),
  }));
  return {
    cameraId: 'gate',
    config: kinds.includes('k') ? config : null,
    packets,
    stamps: [{ timestampUs: firstUs + kinds.length - 1, capturedAtMs: 1_000 + firstUs, analysed: true }],
  };
}

function watching(relay: PacketRelay) {
  const seen: StreamBatch[] = [];
  const viewer = relay.open((message) => {
    const media = decodeMedia(message.buffer);
    if (media.kind === 'stream') seen.push(media.batch);
  });
  viewer.request({ type: 'stream', cameraId: 'gate' });
  return { seen, viewer, times: () => seen.flatMap(({ packets }) => packets.map(({ timestampUs }) => timestampUs)) };
}

test('a viewer begins at a keyframe and gets every packet from there on, unchanged', () => {
  const relay = new PacketRelay(() => undefined);
  const { seen, times } = watching(relay);
  relay.push(batch(1, 'd'), 0);
  relay.push(batch(2, 'dkd'), 0);
  relay.push(batch(5, 'd'), 0);
  expect(times()).toEqual([3, 4, 5]);
  expect(seen[0]).toEqual({ ...batch(2, 'dkd'), packets: batch(2, 'dkd').packets.slice(1) });
  expect(seen[1]).toEqual(batch(5, 'd'));
  expect(relay.queues()).toMatchObject([{ waiting: 2, bound: mostUnanswered, givenUp: 0 }]);
});

test('one that does not answer loses packets up to a keyframe, counted, and others lose none', () => {
  const relay = new PacketRelay(() => undefined);
  const slow = watching(relay);
  const quick = watching(relay);
  relay.push(batch(0, 'k'), 0);
  quick.viewer.request({ type: 'ack-stream', cameraId: 'gate' });
  for (let at = 1; at < mostUnanswered + 10; at++) {
    relay.push(batch(at, 'd'), 0);
    quick.viewer.request({ type: 'ack-stream', cameraId: 'gate' });
  }
  expect(slow.times()).toEqual(Array.from({ length: mostUnanswered }, (_, at) => at));
  expect(quick.times()).toHaveLength(mostUnanswered + 10);
  slow.viewer.request({ type: 'ack-stream', cameraId: 'gate' });
  relay.push(batch(200, 'd'), 0);
  relay.push(batch(201, 'dk'), 0);
  expect(slow.times().slice(-1)).toEqual([202]);
  expect(slow.times()).toHaveLength(mostUnanswered + 1);
  // Ten while it was full, one and one before the keyframe; the engine's own come on top.
  expect(relay.queues()).toMatchObject([{ givenUp: 12 }]);
  relay.push(batch(203, 'd'), 7);
  expect(relay.queues()).toMatchObject([{ givenUp: 19 + 1 }]);
});

test('the camera is told when the first viewer comes and when the last one goes', () => {
  const told: boolean[] = [];
  const relay = new PacketRelay((_, on) => told.push(on));
  const one = watching(relay);
  const other = watching(relay);
  one.viewer.request({ type: 'unstream', cameraId: 'gate' });
  one.viewer.request({ type: 'unstream', cameraId: 'gate' });
  other.viewer.close();
  expect(told).toEqual([true, true, true, false]);
  expect(relay.isWatched('gate')).toBe(false);
});
