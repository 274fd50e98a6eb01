import { expect, test } from 'vitest';
import { parseUsbAddress, type UsbAddress } from '../../shared/usb-address.ts';
import { findCameras } from './find-cameras.ts';
import { chosenDevice, usbCameras } from './usb-devices.ts';
import { openUsbSource, type UsbLimits } from './usb-source.ts';

const webcams = [
  { name: '/dev/video0', description: 'HD Webcam' },
  { name: '/dev/video2', description: 'HD Webcam' },
  { name: '/dev/video4', description: '' },
];
const address = (url: string): UsbAddress => {
  const parsed = parseUsbAddress(url);
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed;
};
const limits = (signal = new AbortController().signal): UsbLimits => ({
  maxPixels: 10_000_000,
  signal,
  onAnswer: () => undefined,
});
/** FFmpeg's own drawing device, which is read as a camera is. */
const drawing = (graph: string) => ({ list: () => [{ name: graph, description: 'Drawn' }], format: 'lavfi' });

test('a camera is chosen by its path or its name; what is not there is told with what is', () => {
  expect(chosenDevice(address('usb:/dev/video2'), webcams).name).toBe('/dev/video2');
  expect(chosenDevice(address('usb:HD Webcam'), webcams).name).toBe('/dev/video0');
  expect(() => chosenDevice(address('usb:/dev/video9'), webcams)).toThrow(
    'There is no USB camera "/dev/video9". Connected: HD Webcam (/dev/video0), HD Webcam (/dev/video2), /dev/video4.',
  );
  expect(() => chosenDevice(address('usb:HD Webcam'), [])).toThrow(/No USB camera is connected/);
  expect(usbCameras(webcams)).toEqual([
    { url: 'usb:/dev/video0', name: 'HD Webcam' },
    { url: 'usb:/dev/video2', name: 'HD Webcam' },
    { url: 'usb:/dev/video4', name: '/dev/video4' },
  ]);
});

test('cameras at this machine are found where no network can be asked, and the other way round', async () => {
  const nowhere = { address: 'not an address', port: 1 };
  const found = await findCameras(50, { address: '127.0.0.1', port: 9 }, () => {
    throw new Error('no right to look');
  });
  expect(found).toEqual({ devices: [], usb: [], missed: 'no right to look' });
  expect((await findCameras(50, nowhere, () => webcams)).usb).toHaveLength(3);
});

test('pictures of a device come one after the other with its own times, and none after it is told to stop', async () => {
  const ending = new AbortController();
  const source = await openUsbSource(
    address('usb:Drawn'),
    limits(ending.signal),
    drawing('testsrc=size=64x48:rate=50'),
  );
  expect(source.facts).toMatchObject({ width: 64, height: 48, codec: 'wrapped_avframe', transport: 'usb' });
  const times: number[] = [];
  for (let count = 0; count < 5; count++) {
    const { frame, timeMs } = await source.next();
    expect([frame.width, frame.height]).toEqual([64, 48]);
    times.push(timeMs);
  }
  expect(times.map((ms) => Math.round(ms - (times[0] ?? 0)))).toEqual([0, 20, 40, 60, 80]);
  ending.abort(new Error('closed'));
  await expect(source.next()).rejects.toThrow('closed');
  source.close();
});

test('a device that is not read here, or cannot be asked for its codec, says so', async () => {
  const gone = { list: () => webcams, format: 'no-such-format' };
  await expect(openUsbSource(address('usb:HD Webcam'), limits(), gone)).rejects.toMatchObject({ kind: 'unsupported' });
  const mjpeg = address('usb:Drawn?codec=mjpeg');
  await expect(openUsbSource(mjpeg, limits(), drawing('testsrc'))).rejects.toThrow(/cannot be chosen on this system/);
});
