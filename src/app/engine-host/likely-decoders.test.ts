import { expect, test } from 'vitest';
import { likelyDecoders } from './likely-decoders.ts';
import { machineOf } from './testing/machine-of.ts';

const candidates = async (look: Parameters<typeof likelyDecoders>[0]) => (await likelyDecoders(look)).candidates;

test('a machine without a graphics device has a reason for each', async () => {
  expect(await candidates(machineOf({}))).toEqual([
    { hardware: 'cuda', path: null, unlikely: 'no NVIDIA card with its driver' },
    { hardware: 'vaapi', path: null, unlikely: 'no VAAPI device' },
  ]);
});

test('every render node is one; an NVIDIA card is decoded with by its own way', async () => {
  const look = machineOf({
    '/dev/dri/renderD129': '',
    '/dev/dri/renderD128': '',
    '/dev/dri/card0': '',
    '/sys/class/drm/renderD128/device/vendor': '0x8086\n',
    '/sys/class/drm/renderD128/device/device': '0x9a49\n',
    '/sys/class/drm/renderD129/device/vendor': '0x10de\n',
    '/dev/nvidia0': '',
  });
  expect(await likelyDecoders(look)).toEqual({
    candidates: [
      { hardware: 'cuda', path: null, unlikely: null },
      { hardware: 'vaapi', path: '/dev/dri/renderD128', unlikely: null },
      { hardware: 'vaapi', path: '/dev/dri/renderD129', unlikely: 'an NVIDIA card has no VAAPI' },
    ],
    machine: 'linux x64 | NVIDIA card | /dev/dri/renderD128 0x8086:0x9a49 | /dev/dri/renderD129 0x10de:',
  });
});

test('other systems have theirs', async () => {
  const names = async (change: Parameters<typeof machineOf>[1], files = {}) =>
    (await candidates(machineOf(files, change))).flatMap(({ hardware, unlikely }) =>
      unlikely === null ? [hardware] : [],
    );
  expect(await names({ platform: 'win32' })).toEqual(['cuda', 'd3d11va']);
  expect(await names({ platform: 'darwin' })).toEqual(['videotoolbox']);
  expect(await names({ arch: 'arm64' }, { '/dev/mpp_service': '' })).toEqual(['rkmpp']);
});
