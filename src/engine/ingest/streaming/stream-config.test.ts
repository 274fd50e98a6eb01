import { expect, test } from 'vitest';
import { decoderSetup, isStreamable, nalUnits } from './stream-config.ts';

const bytes = (hex: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16));
const startCode = '00000001';

/** Of the demo camera: High profile, level 3.1. */
const sps = '6764001facd980c01268400000030040000007a3c60c6680';
const pps = '68e9783130b2c8b0';
const avcC = `0164001fffe100${(sps.length / 2).toString(16).padStart(2, '0')}${sps}01000${String(pps.length / 2)}${pps}`;
/** Main profile, main tier, level 3.0, as x265 writes it; with two bytes that keep a start code from appearing. */
const hevcSps = '42010101600000030090000003000003005aa0';
const hvcC = `01016000000090000000000${'05a'}f000fcfdf8f800000f03`;
const slice = `${startCode}6588840021`;

test('H.264 of a file: the name comes from its record, which the decoder is given as it is', () => {
  const extradata = bytes(avcC);
  expect(decoderSetup('h264', { width: 768, height: 576, extradata }, bytes('0000000565888400'))).toEqual({
    config: { codec: 'avc1.64001f', description: extradata, width: 768, height: 576 },
    prefix: null,
  });
});

test('H.264 of a network camera: its parameter sets stand before every keyframe', () => {
  const extradata = bytes(`${startCode}${sps}${startCode}${pps}`);
  expect(decoderSetup('h264', { width: 768, height: 576, extradata }, bytes(slice))).toEqual({
    config: { codec: 'avc1.64001f', description: null, width: 768, height: 576 },
    prefix: extradata,
  });
});

test('H.264 whose parameter sets stand in the stream only', () => {
  const keyframe = bytes(`000001${sps}000001${pps}${slice}`);
  expect(decoderSetup('h264', { width: 768, height: 576, extradata: null }, keyframe)).toMatchObject({
    config: { codec: 'avc1.64001f', description: null },
    prefix: null,
  });
  expect(decoderSetup('h264', { width: 768, height: 576, extradata: null }, bytes(slice))).toBeNull();
});

test('H.265: profile, compatibility, tier, level and constraints, from a record and from the stream', () => {
  expect(decoderSetup('hevc', { width: 640, height: 480, extradata: bytes(hvcC) }, bytes(slice))?.config.codec).toBe(
    'hvc1.1.6.L90.90',
  );
  const inStream = bytes(`${startCode}${hevcSps}`);
  expect(decoderSetup('hevc', { width: 640, height: 480, extradata: inStream }, bytes(slice))).toEqual({
    config: { codec: 'hev1.1.6.L90.90', description: null, width: 640, height: 480 },
    prefix: inStream,
  });
});

test('records that are cut off and other codecs are not guessed at', () => {
  const cut = { width: 1, height: 1, extradata: bytes('016400') };
  expect(decoderSetup('h264', cut, bytes(slice))).toBeNull();
  expect(decoderSetup('hevc', cut, bytes(slice))).toBeNull();
  expect(decoderSetup('mjpeg', cut, bytes('ffd8'))).toBeNull();
  expect(['h264', 'hevc', 'mjpeg', 'toString'].map(isStreamable)).toEqual([true, true, false, false]);
});

test('units are found behind short and long start codes', () => {
  expect([...nalUnits(bytes('0000016701000000016802'))].map((unit) => [...unit])).toEqual([
    [0x67, 1, 0],
    [0x68, 2],
  ]);
  expect([...nalUnits(bytes('6701'))]).toEqual([]);
});
