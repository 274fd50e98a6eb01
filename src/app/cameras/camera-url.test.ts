import { expect, test } from 'vitest';
import { toErrorValue } from '../../shared/errors.ts';
import { normaliseCameraUrl } from './camera-url.ts';

test.each([
  ['file:clip.mp4', 'file:///videos/clip.mp4'],
  ['file:///a/b%20c.mp4', 'file:///a/b%20c.mp4'],
  ['test:?fps=10', 'test:?fps=10'],
  ['rtsp://user:pass@192.0.2.1:554/s', 'rtsp://user:pass@192.0.2.1:554/s'],
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
])('%s is refused', (text) => {
  expect(() => normaliseCameraUrl(text, '/videos')).toThrow(/camera|Cameras/);
});

test.each([
  'gopher://admin:canary-secret@cam/',
  'rtsp://admin:canary/secret@cam/',
  'rtsp://admin:canary@169.254.1.1/s',
  'http://cam:port/video?password=canary',
])('an error about %s does not repeat its credentials', (text) => {
  let error = null;
  try {
    normaliseCameraUrl(text, '/');
  } catch (caught) {
    error = toErrorValue(caught);
  }
  expect(error).toMatchObject({ kind: 'bad-input' });
  expect(JSON.stringify(error)).not.toContain('canary');
});
