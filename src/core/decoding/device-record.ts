/** What a hardware decoder has been given since its last good picture. */
export interface DeviceRecord {
  /** A good picture came out of it. */
  readonly hasShown: boolean;
  readonly packets: number;
  readonly keyframes: number;
}

export const nothingSent: DeviceRecord = { hasShown: false, packets: 0, keyframes: 0 };
export const justShown: DeviceRecord = { hasShown: true, packets: 0, keyframes: 0 };

/** What a call of the decoder answered: `damaged` says something of the stream, other errors of the device. */
export type DeviceAnswer = { readonly kind: 'well' | 'damaged' } | { readonly kind: 'broken'; readonly words: string };

/** H.264 and H.265 hold back at most 16 pictures; twice as many packets without a picture is no delay any more. */
const mostPackets = 32;

export const afterPacket = ({ hasShown, packets, keyframes }: DeviceRecord, isKeyframe: boolean): DeviceRecord => ({
  hasShown,
  packets: packets + 1,
  keyframes: keyframes + (isKeyframe ? 1 : 0),
});

/**
 * Why the processor has to take over, in words that follow the device's name; null: it need not. A stream may be damaged on
 * its way, which is no fault of a device that has shown it: that one is given up only when a whole group of pictures, from
 * keyframe to keyframe, gave nothing.
 */
export function whyGivenUp({ hasShown, packets, keyframes }: DeviceRecord, answer: DeviceAnswer): string | null {
  if (answer.kind === 'broken') return `failed: ${answer.words}`;
  if (answer.kind === 'damaged' && !hasShown && keyframes > 0) return 'could not decode its first picture';
  const needed = hasShown ? 2 : 1;
  if (keyframes < needed || packets <= mostPackets) return null;
  return hasShown ? 'gives no pictures any more' : 'gave no picture';
}
