import { expect, test } from 'vitest';
import { parseUsbAddress, usbUrl } from './usb-address.ts';

test.each([
  ['usb:/dev/video0', { device: '/dev/video0', size: null, fps: null, codec: null }],
  ['USB:HD Webcam', { device: 'HD Webcam', size: null, fps: null, codec: null }],
  [
    'usb:Caf%C3%A9%20cam%3F?size=1280x720&fps=30&codec=mjpeg',
    { device: 'Café cam?', size: { width: 1280, height: 720 }, fps: 30, codec: 'mjpeg' },
  ],
  ['usb:/dev/v4l/by-id/usb-046d_C920-video-index0', { device: '/dev/v4l/by-id/usb-046d_C920-video-index0' }],
  ['usb:100% sure', { device: '100% sure' }],
])('%s is read, and its one spelling says the same', (text, expected) => {
  const address = parseUsbAddress(text);
  expect(address).toMatchObject(expected);
  if (typeof address === 'string') throw new Error(address);
  expect(parseUsbAddress(usbUrl(address))).toEqual(address);
});

test.each([
  ['usb:', 'names no USB camera'],
  ['usb:/etc/passwd', 'not the path of a USB camera'],
  ['usb:/dev/sda', 'not the path of a USB camera'],
  ['usb:/dev/video0/../sda', 'not the path of a USB camera'],
  ['usb:/dev/v4l/by-id/../../sda', 'not the path of a USB camera'],
  ['usb:cam%00', 'control character'],
  ['usb:cam?size=1280', 'written as 1280x720'],
  ['usb:cam?fps=0', 'from 1 to 240'],
  ['usb:cam?fps=', 'from 1 to 240'],
  ['usb:cam?codec=exe', 'one of raw, mjpeg, h264'],
  ['usb:cam?input_format=x', 'cannot be asked for "input_format"'],
])('%s is refused in words', (text, words) => {
  expect(parseUsbAddress(text)).toContain(words);
});
