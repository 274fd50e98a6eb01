import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { isReadWithoutBlocking, parseLiveAddress } from './live-address.ts';

test('file addresses are decoded, relative paths are taken from the working folder', () => {
  expect(parseLiveAddress('file:///night/a%20b.mp4')).toEqual({ kind: 'file', path: '/night/a b.mp4' });
  expect(parseLiveAddress('file:/night/a%20b.mp4')).toEqual({ kind: 'file', path: '/night/a b.mp4' });
  expect(parseLiveAddress('file:clips/a%20b.mp4')).toEqual({ kind: 'file', path: resolve('clips/a b.mp4') });
  const folder = mkdtempSync(join(tmpdir(), 'nightshift-address-'));
  try {
    const odd = join(folder, '100%25 sure #1.mp4');
    writeFileSync(odd, '');
    expect(parseLiveAddress(pathToFileURL(odd).href)).toEqual({ kind: 'file', path: odd });
    expect(parseLiveAddress(`file:${relative(process.cwd(), odd)}`)).toEqual({ kind: 'file', path: odd });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('network addresses tell their host', () => {
  expect(parseLiveAddress('rtsp://u:p@cam.local:554/1')).toMatchObject({ kind: 'network', host: 'cam.local' });
  expect(parseLiveAddress('http://[::1]:8080/mjpg')).toMatchObject({ kind: 'network', host: '::1' });
});

test('a camera at this machine is named, and nothing else of the machine', () => {
  expect(parseLiveAddress('usb:/dev/video0?fps=30')).toMatchObject({ kind: 'usb', address: { device: '/dev/video0' } });
  expect(() => parseLiveAddress('usb:/etc/passwd')).toThrow(/not the path of a USB camera/);
});

test('threads that wait for reads of a network or a device are known by their address', () => {
  for (const url of ['rtsp://x/1', 'RTSPS://x/1', 'http://x/1', 'https://x/1', 'usb:/dev/video0']) {
    expect(isReadWithoutBlocking(url), url).toBe(true);
  }
  for (const url of ['file:usb.mp4', 'test:']) expect(isReadWithoutBlocking(url), url).toBe(false);
});

test.each(['concat:a|b', 'ftp://x/y', 'no address', 'file:', 'http://', 'test:?fps=x', 'data:video/mp4;base64,AAAA'])(
  '%s is refused',
  (url) => {
    expect(() => parseLiveAddress(url)).toThrow(expect.objectContaining({ kind: 'unsupported' }));
  },
);
