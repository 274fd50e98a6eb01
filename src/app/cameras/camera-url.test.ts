import { expect, test } from 'vitest';
import { toErrorValue } from '../../shared/errors.ts';
import { addressWithLogin, checkReach, normaliseCameraUrl, readCameraUrl } from './camera-url.ts';
import { hostileCameraUrls, canary } from '../testing/hostile-camera-urls.ts';

test.each([
  ['file:clip.mp4', 'file:///videos/clip.mp4'],
  ['file:///a/b%20c.mp4', 'file:///a/b%20c.mp4'],
  ['test:?fps=10', 'test:?fps=10'],
  ['usb:/dev/video0', 'usb:/dev/video0'],
  ['USB:HD Webcam?fps=30&size=640x480', 'usb:HD%20Webcam?size=640x480&fps=30'],
  ['rtsp://user:pass@192.0.2.1:554/s', 'rtsp://192.0.2.1:554/s'],
  ['RTSP://Cam.Local/s?channel=1&subtype=0', 'rtsp://cam.local/s?channel=1&subtype=0'],
  ['rtsp://[2001:DB8::1]:554/s', 'rtsp://[2001:db8::1]:554/s'],
  ['rtsp://0x0a000007/s', 'rtsp://10.0.0.7/s'],
  ['http://127.0.0.1:1', 'http://127.0.0.1:1'],
])('%s is a camera', (text, expected) => {
  expect(normaliseCameraUrl(text, '/videos')).toBe(expected);
});

test.each([
  'exec:rm -rf /',
  'concat:a|b',
  'clip.mp4',
  '-i',
  '',
  'rtsp://',
  'http://169.254.169.254/latest',
  'rtsp://[fe80::1]/s',
  'ftp://x/y',
  'usb:/dev/sda',
  'usb:cam?standard=x',
])('%s is refused', (text) => {
  expect(() => normaliseCameraUrl(text, '/videos')).toThrow(/camera|Cameras/);
});

test.each([
  ['rtsp://admin:p%40ss%2Fword@10.0.0.7/live', { user: 'admin', password: 'p@ss/word' }],
  ['rtsp://ad@min:p@ss@10.0.0.7/live', { user: 'ad@min', password: 'p@ss' }],
  ['rtsp://admin:50%@10.0.0.7/live', { user: 'admin', password: '50%' }],
  ['http://admin@cam/', { user: 'admin', password: '' }],
  ['rtsp://:@cam/', null],
])('%s: the login is taken out, and put back so that it says the same', (text, login) => {
  const address = readCameraUrl(text, '/');
  expect(address.login).toEqual(login);
  expect(address.url).not.toContain('@');
  expect(readCameraUrl(addressWithLogin(address.url, address.login), '/')).toEqual(address);
});

test('what lets somebody in is not shown where it stands in the query or the path', () => {
  expect(readCameraUrl('http://cam/mjpg?user=bob&pwd=s3cret&channel=2', '/').shown).toBe(
    'http://cam/mjpg?user=…&pwd=…&channel=2',
  );
  expect(readCameraUrl('rtsp://cam:554/user=bob&password=s3cret&channel=1.sdp', '/').shown).toBe(
    'rtsp://cam:554/user=…&password=…&channel=1.sdp',
  );
});

test('a login that a decoder would cut off is refused', () => {
  expect(() => addressWithLogin('rtsp://cam/', { user: 'a', password: 'ß'.repeat(30) })).toThrow(/too long/);
});

test(`${String(hostileCameraUrls.length)} hostile addresses: refused, or opened as what was checked; no secret in any word`, () => {
  expect(hostileCameraUrls.length).toBeGreaterThanOrEqual(120);
  let refused = 0;
  for (const { url, may } of hostileCameraUrls) {
    let error = null;
    try {
      const address = readCameraUrl(url, '/videos');
      checkReach(address.url, address.shown, { ownPorts: [8700], allowLoopback: false });
      expect(address.shown, url).not.toContain(canary);
      if (address.login !== null) expect(address.url, url).not.toContain(canary);
    } catch (caught) {
      error = toErrorValue(caught);
      refused += 1;
    }
    expect([url, error?.kind ?? 'opens']).toEqual([url, may]);
    expect(JSON.stringify(error), url).not.toContain(canary);
  }
  expect(refused).toBeGreaterThan(80);
});
