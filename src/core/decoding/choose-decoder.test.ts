import { expect, test } from 'vitest';
import type { DecoderTrial } from '../../shared/engine/decoding.ts';
import { chooseDecoder, decodeOrder, toldDevice, type DecodeWish, type TriedDevice } from './choose-decoder.ts';

const none = (hardware: TriedDevice['hardware'], why: string): TriedDevice => ({
  hardware,
  path: null,
  result: { works: false, why },
});
const device = (hardware: TriedDevice['hardware'], codecs: Readonly<Record<string, string | null>>): TriedDevice => {
  const result: DecoderTrial = {
    works: true,
    codecs: Object.entries(codecs).map(([codec, why]) => ({ codec, why })),
  };
  return { hardware, path: '/dev/dri/renderD128', result };
};
const wish = (change: Partial<DecodeWish> = {}): DecodeWish => ({
  everywhere: 'auto',
  camera: 'auto',
  setAside: null,
  ...change,
});
const card = none('cuda', 'no NVIDIA card');
const vaapi = device('vaapi', { h264: null, hevc: null, mjpeg: 'its pictures are wrong' });

test('the first device that takes the codec decodes it, else the processor, which says why', () => {
  const order = decodeOrder([card, vaapi, device('cuda', { h264: null, mjpeg: null })], wish());
  expect(chooseDecoder('h264', order)).toMatchObject({ device: { hardware: 'vaapi', path: '/dev/dri/renderD128' } });
  expect(chooseDecoder('mjpeg', order)).toMatchObject({ device: { hardware: 'cuda' } });
  expect(chooseDecoder('av1', order)).toEqual({ why: 'VAAPI and NVDEC do not decode av1 here' });
  expect(chooseDecoder('mjpeg', decodeOrder([vaapi], wish()))).toEqual({ why: 'VAAPI does not decode mjpeg here' });
});

test('where there is no hardware, each reason is said once', () => {
  const order = decodeOrder([card, none('vaapi', 'no VAAPI device'), none('vaapi', 'no VAAPI device')], wish());
  expect(order).toEqual({ devices: [], why: 'no NVIDIA card; no VAAPI device' });
  expect(chooseDecoder('h264', order)).toEqual({ why: order.why });
  expect(decodeOrder([], wish()).why).toMatch(/known for this system/);
});

test('a device that takes none of the codecs is none', () => {
  const order = decodeOrder([device('vaapi', { h264: 'it refuses it' })], wish());
  expect(order).toEqual({ devices: [], why: 'not h264: it refuses it' });
});

test('the setting of a camera, that of all, and a device that is left alone', () => {
  const whyOf = (change: Partial<DecodeWish>) => decodeOrder([vaapi], wish(change)).why;
  expect(whyOf({ camera: 'off', everywhere: 'off' })).toBe('hardware decoding is switched off for this camera');
  expect(whyOf({ everywhere: 'off', setAside: 'it hung' })).toBe('hardware decoding is switched off');
  expect(whyOf({ setAside: 'VAAPI hung' })).toBe('VAAPI hung');
  expect(decodeOrder([vaapi], wish({ setAside: 'VAAPI hung' })).devices).toEqual([]);
});

test('what was found is told in one line', () => {
  expect(toldDevice(vaapi)).toEqual({
    hardware: 'vaapi',
    path: '/dev/dri/renderD128',
    codecs: ['h264', 'hevc'],
    why: 'decodes h264, hevc; not mjpeg: its pictures are wrong',
  });
  expect(toldDevice(card)).toMatchObject({ codecs: [], why: 'no NVIDIA card' });
});
