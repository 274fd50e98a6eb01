import { describe, expect, it } from 'vitest';
import { previewFps, wishOf, type TileSight } from './tile-wish.ts';

const seen: TileSight = {
  isInView: true,
  isPageShown: true,
  isFocused: false,
  state: 'live',
  codec: 'h264',
  isOpenedOnDemand: false,
  sourceFps: 25,
  refusal: null,
};
const focused: TileSight = { ...seen, isFocused: true };

describe('what a tile asks for', () => {
  it.each([
    ['scrolled away', { isInView: false }],
    ['minimised or behind another tab', { isPageShown: false }],
    ['switched off', { state: 'disabled' }],
  ] as const)('nothing where it is %s, enlarged or not', (_name, change) => {
    expect(wishOf({ ...seen, ...change })).toEqual({ kind: 'nothing' });
    expect(wishOf({ ...focused, ...change })).toEqual({ kind: 'nothing' });
  });

  it('previews at the rate of the source, ten a second at most', () => {
    expect(wishOf(seen)).toEqual({ kind: 'previews', fps: 10, width: null, reason: null });
    expect(wishOf({ ...seen, sourceFps: 6 })).toMatchObject({ fps: 6 });
    expect(previewFps(null)).toBe(10);
    expect(previewFps(0.01)).toBe(0.1);
  });

  it('the stream itself where it is enlarged', () => {
    for (const codec of ['h264', 'hevc'])
      expect(wishOf({ ...focused, codec })).toEqual({ kind: 'stream', codec, fps: 10 });
  });

  it('previews while a camera is being opened, without an excuse', () => {
    expect(wishOf({ ...focused, codec: null })).toEqual({ kind: 'previews', fps: 10, width: 1920, reason: null });
  });

  it('a large stream of which nothing is known yet: it is opened by being asked for', () => {
    const onDemand: TileSight = { ...focused, codec: null, isOpenedOnDemand: true };
    expect(wishOf(onDemand)).toMatchObject({ kind: 'stream' });
    expect(wishOf({ ...onDemand, isFocused: false })).toMatchObject({ kind: 'previews' });
    expect(wishOf({ ...onDemand, codec: 'mpeg4' })).toMatchObject({ kind: 'previews' });
  });

  it('large previews with the reason where the stream cannot be had', () => {
    expect(wishOf({ ...focused, codec: 'test-pattern' })).toMatchObject({ reason: { kind: 'drawn' } });
    expect(wishOf({ ...focused, codec: 'mjpeg' })).toMatchObject({ reason: { kind: 'single-pictures' } });
    expect(wishOf({ ...focused, codec: 'mpeg4' })).toMatchObject({ reason: { kind: 'codec-unknown', codec: 'mpeg4' } });
    const refusal = { kind: 'codec' } as const;
    expect(wishOf({ ...focused, codec: 'hevc', refusal })).toEqual({
      kind: 'previews',
      fps: 10,
      width: 1920,
      reason: { kind: 'refused', codec: 'hevc', refusal },
    });
  });
});
