import { expect, test } from 'vitest';
import type { DecoderInUse } from '../../shared/domain/decoding.ts';
import type { DecodeOrder } from '../../shared/engine/protocol.ts';
import { CameraDecoder } from './camera-decoder.ts';

const order: DecodeOrder = { devices: [{ hardware: 'vaapi', path: null, codecs: ['h264'] }], why: '' };
const byVaapi: DecoderInUse = { kind: 'hardware', hardware: 'vaapi' };
const software = (hardware: 'not-asked' | 'failed' | 'hung', why = 'VAAPI failed'): DecoderInUse => ({
  kind: 'software',
  why,
  hardware,
});

function bench(hardwareDecode: 'auto' | 'off' = 'auto', offered = order) {
  const open = new Map<string, string>();
  const hung: string[] = [];
  const decoder = new CameraDecoder(
    { id: 'cam-1', name: 'Gate', hardwareDecode },
    {
      decoders: {
        settle: () => Promise.resolve(),
        orderFor: (mode) => (mode === 'off' ? { devices: [], why: 'off' } : offered),
        hung: (why) => hung.push(why),
      },
      notices: {
        raise: (_level, topic, text) => Promise.resolve(void open.set(topic, text)),
        clear: (topic) => Promise.resolve(void open.delete(topic)),
      },
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    },
  );
  return { decoder, hung, notices: () => [...open.values()] };
}

test('a camera that hardware decodes; its states up to the end', () => {
  const { decoder, notices } = bench();
  expect(decoder.hardware).toBeNull();
  expect(decoder.asked()).toEqual({ decode: order });
  expect(decoder.hardware).toBe('working'); // it is called
  decoder.is(null);
  expect(decoder.hardware).toBe('beginning');
  decoder.is(byVaapi);
  expect(decoder.hardware).toBe('working');
  decoder.closed();
  expect(decoder.hardware).toBeNull();
  expect(decoder.asked()).toEqual({ decode: order });
  expect(notices()).toEqual([]);
});

test('hardware that fails is told once, and no more when it decodes again or the camera is switched off', () => {
  const { decoder, notices } = bench();
  decoder.asked();
  decoder.is(byVaapi);
  decoder.is(software('failed', 'VAAPI failed: Input/output error'));
  expect(notices()).toEqual(['Gate is decoded by the processor: VAAPI failed: Input/output error.']);
  decoder.closed();
  // At the next connection it is tried again.
  expect(decoder.asked()).toEqual({ decode: order });
  expect(notices()).toHaveLength(1);
  decoder.is(byVaapi);
  expect(notices()).toEqual([]);
  decoder.is(software('failed'));
  decoder.end();
  expect(notices()).toEqual([]);
});

test('a connection that showed nothing by hardware is followed by one without it, once', () => {
  const { decoder } = bench();
  decoder.asked();
  decoder.is(null);
  decoder.closed();
  expect(decoder.asked()).toEqual({ decode: { devices: [], why: 'VAAPI gave no picture in the connection before' } });
  decoder.is(software('not-asked'));
  decoder.closed();
  expect(decoder.asked()).toEqual({ decode: order });
  decoder.closed(); // it did not even open: hardware was not to blame
  expect(decoder.asked()).toEqual({ decode: order });
});

test('a hang is told to all cameras', () => {
  const { decoder, hung } = bench();
  decoder.asked();
  decoder.is(byVaapi);
  decoder.is(software('hung', 'VAAPI did not answer for 20 s'));
  expect(hung).toEqual(['VAAPI did not answer for 20 s']);
});

test('where hardware was not asked nobody is disturbed, and nothing is waited for', () => {
  const { decoder, notices } = bench('off');
  expect(decoder.settle()).toBeNull();
  expect(decoder.asked()).toEqual({ decode: { devices: [], why: 'off' } });
  decoder.is(software('not-asked', 'off'));
  expect(decoder.hardware).toBeNull();
  expect(notices()).toEqual([]);
});
