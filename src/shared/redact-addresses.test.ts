import { expect, test } from 'vitest';
import { redactAddresses } from './redact-addresses.ts';

test.each([
  ['rtsp://admin:s3cret@10.0.0.7:554/live refused', 'rtsp://…@10.0.0.7:554/live refused'],
  ['it said (rtsp://admin:p@ss/word@10.0.0.7/live)', 'it said (rtsp://…@10.0.0.7/live)'],
  ['http://cam.local/video?user=a&password=s3cret timed out', 'http://cam.local/video?… timed out'],
  ['two: http://a:b@x/1, rtsps://c:d@y/2', 'two: http://…@x/1, rtsps://…@y/2'],
  ['no address at all: a@b', 'no address at all: a@b'],
  ['file:///clips/a@b.mp4', 'file:///clips/a@b.mp4'],
])('%s', (text, shown) => {
  expect(redactAddresses(text)).toBe(shown);
});

test('what was redacted stays as it is', () => {
  const once = redactAddresses('rtsp://admin:s3cret@10.0.0.7/live?key=1');
  expect(redactAddresses(once)).toBe(once);
});
