import { expect, test } from 'vitest';
import { decodeMedia } from '../../shared/contract/media.ts';
import { PictureRelay } from './picture-relay.ts';

const header = (capturedAtMs: number) => ({ cameraId: 'gate', capturedAtMs, width: 4, height: 4, analysed: true });
const jpeg = Uint8Array.of(1, 2, 3);

test('one unacknowledged picture a camera; the newest waits, older ones are superseded and counted', () => {
  const relay = new PictureRelay(() => undefined);
  const seen: number[] = [];
  const viewer = relay.open((message) => {
    const media = decodeMedia(message.buffer);
    if (media.kind === 'picture') seen.push(media.picture.header.capturedAtMs);
  });
  relay.push(header(1), jpeg);
  expect(seen).toEqual([]);
  viewer.request({ type: 'watch', cameraId: 'gate', maxFps: 10 });
  for (const at of [2, 3, 4]) relay.push(header(at), jpeg);
  expect(seen).toEqual([2]);
  expect(relay.queues()).toMatchObject([{ waiting: 1, bound: 1, givenUp: 1 }]);
  viewer.request({ type: 'ack', cameraId: 'gate' });
  expect(seen).toEqual([2, 4]);
  expect(relay.queues()).toMatchObject([{ waiting: 0, bound: 1, givenUp: 1 }]);
});

test('the widest picture that anybody wants is known, and that nobody wants more than usual', () => {
  const relay = new PictureRelay(() => undefined);
  const wall = relay.open(() => undefined);
  const focus = relay.open(() => undefined);
  wall.request({ type: 'watch', cameraId: 'gate', maxFps: 5 });
  expect(relay.watchedWidth('gate')).toBeNull();
  focus.request({ type: 'watch', cameraId: 'gate', maxFps: 5, maxWidth: 1920 });
  expect(relay.watchedWidth('gate')).toBe(1920);
  focus.close();
  expect(relay.watchedWidth('gate')).toBeNull();
});

test('the camera is told the highest wanted rate, and 0 when the last viewer goes', () => {
  const told: number[] = [];
  const relay = new PictureRelay((_, fps) => told.push(fps));
  const wall = relay.open(() => undefined);
  const focus = relay.open(() => undefined);
  wall.request({ type: 'watch', cameraId: 'gate', maxFps: 5 });
  focus.request({ type: 'watch', cameraId: 'gate', maxFps: 10 });
  focus.close();
  wall.request({ type: 'unwatch', cameraId: 'gate' });
  expect(told).toEqual([5, 10, 5, 0]);
});
