import { expect, test } from 'vitest';
import { siblingStream, streamsByForm } from './sibling-stream.ts';

test.each([
  ['rtsp://192.0.2.1/Streaming/Channels/101', 'rtsp://192.0.2.1/Streaming/Channels/102'],
  ['rtsp://192.0.2.1/cam/realmonitor?channel=1&subtype=0', 'rtsp://192.0.2.1/cam/realmonitor?channel=1&subtype=1'],
  ['rtsp://192.0.2.1/stream1', 'rtsp://192.0.2.1/stream2'],
])('%s and %s are one pair, from whichever side one looks', (large, small) => {
  expect(siblingStream(large)).toBe(small);
  expect(siblingStream(small)).toBe(large);
  expect(streamsByForm(large)).toEqual({ url: small, largeUrl: large });
  expect(streamsByForm(small)).toEqual({ url: small, largeUrl: large });
});

test('an address of no known form has no pair', () => {
  expect(streamsByForm('rtsp://192.0.2.1/live')).toBeNull();
});
