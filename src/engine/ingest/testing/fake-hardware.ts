import type { Frame } from 'node-av/lib';
import { inputOutput } from '../ffmpeg.ts';
import { HardwareFault, type HardwareSystem } from '../decoding/hardware-device.ts';
import type { DecodeOrder } from '../../../shared/engine/protocol.ts';

/** How a made-up device behaves; it is its path. */
export type FakeDevice =
  | 'works'
  | 'cannot-be-opened'
  | 'has-no-decoder'
  | 'refuses-the-stream'
  /** FFmpeg went on by itself. */
  | 'does-not-take-it'
  | 'fails-at-1'
  | 'fails-at-3'
  | 'fails-at-9'
  | 'shows-black'
  | 'hangs-at-3';

export const fakeOrder = (device: FakeDevice, codecs: readonly string[] = ['h264', 'hevc', 'mjpeg']): DecodeOrder => ({
  devices: [{ hardware: 'vaapi', path: device, codecs }],
  why: '',
});

/** Hardware that is none: the processor decodes, and what is asked to be fetched is there already. */
export const fakeHardware: HardwareSystem = {
  open(_hardware, path) {
    const device = path as FakeDevice;
    if (device === 'cannot-be-opened') throw new HardwareFault('cannot be opened: no driver');
    const failsAt = /^(fails|hangs)-at-(\d+)$/.exec(device)?.[2];
    let fetched = 0;
    const fetch = (picture: Frame, target: Frame): number => {
      fetched += 1;
      if (String(fetched) === failsAt) {
        if (device.startsWith('fails')) return inputOutput;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      }
      const given = target.ref(picture);
      if (device === 'shows-black') {
        target.makeWritable();
        for (const plane of target.data ?? []) plane.fill(16);
      }
      return given;
    };
    return {
      decoderOf: (codec) =>
        device === 'has-no-decoder'
          ? null
          : {
              codec,
              attach: () => {
                if (device === 'refuses-the-stream') throw new Error('no such profile');
              },
              isOnDevice: () => device !== 'does-not-take-it',
              fetch,
            },
      close: () => undefined,
    };
  },
};
