import { expect, test } from 'vitest';
import { loginInAddress } from './typed-login.ts';

test.each([
  ['rtsp://admin:s3cret@10.0.0.7:554/live?a=b', 'rtsp://10.0.0.7:554/live?a=b', 'admin', 's3cret'],
  ['rtsp://admin:p%40ss@10.0.0.7/live', 'rtsp://10.0.0.7/live', 'admin', 'p@ss'],
  ['http://a:b@c@cam/', 'http://cam/', 'a', 'b@c'],
  ['http://admin@cam', 'http://cam', 'admin', ''],
])('%s', (typed, url, user, password) => {
  expect(loginInAddress(typed)).toEqual({ url, login: { user, password } });
});

test.each(['rtsp://10.0.0.7/live', 'rtsp://a:b/c@10.0.0.7/live', 'file:a@b.mp4', 'test:', ''])(
  '%s stays as it is',
  (typed) => {
    expect(loginInAddress(typed)).toBe(null);
  },
);
