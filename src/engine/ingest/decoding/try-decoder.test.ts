import { expect, test } from 'vitest';
import { silenceFfmpeg } from '../ffmpeg.ts';
import { fakeHardware, type FakeDevice } from '../testing/fake-hardware.ts';
import { tryDecoder } from './try-decoder.ts';

silenceFfmpeg();
const tried = (device: FakeDevice) => tryDecoder({ hardware: 'vaapi', path: device }, fakeHardware);

test('a device that shows what the processor shows decodes what cameras send', () => {
  expect(tried('works')).toEqual({
    works: true,
    codecs: ['h264', 'hevc', 'mjpeg'].map((codec) => ({ codec, why: null })),
  });
});

test('one that shows something else does not, however well it answers', () => {
  expect(tried('shows-black')).toEqual({
    works: true,
    codecs: ['h264', 'hevc', 'mjpeg'].map((codec) => ({ codec, why: 'its pictures are wrong' })),
  });
});

test('why it does not work is told in words', () => {
  expect(tried('cannot-be-opened')).toEqual({ works: false, why: 'VAAPI cannot be opened: no driver' });
});

test("FFmpeg's own devices: one that is not there says so", () => {
  expect(tryDecoder({ hardware: 'vaapi', path: '/dev/dri/no-such-node' })).toEqual({
    works: false,
    why: expect.stringMatching(
      /^VAAPI (is not built into|cannot be opened: there is no \/dev\/dri\/no-such-node)/,
    ) as string,
  });
});
