/** How one demo picture is made from the footage. A pure function of its number: more pictures never change the first ones. */
export interface Variation {
  readonly clip: number;
  readonly frame: number;
  /** Part of the frame that is shown, in pixels. */
  readonly crop: { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
  readonly mirrored: boolean;
  /** Factor on every colour value. */
  readonly brightness: number;
}

export interface ClipFacts {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
}

const smallestCrop = 0.55;
const brightnessRange = { from: 0.7, to: 1.3 } as const;

/** `number` counts from 0. The clips are taken in turn, in proportion to their frames. */
export function variationOf(number: number, clips: readonly ClipFacts[]): Variation {
  const random = randomOf(number);
  const all = clips.reduce((sum, clip) => sum + clip.frames, 0);
  let frame = Math.floor(random() * all);
  let clip = 0;
  for (; frame >= clips[clip]!.frames; clip++) frame -= clips[clip]!.frames;
  const { width, height } = clips[clip]!;
  const share = smallestCrop + random() * (1 - smallestCrop);
  const crop = { width: Math.round(width * share), height: Math.round(height * share) };
  const left = Math.floor(random() * (width - crop.width + 1));
  const top = Math.floor(random() * (height - crop.height + 1));
  const mirrored = random() < 0.5;
  const { from, to } = brightnessRange;
  return { clip, frame, crop: { left, top, ...crop }, mirrored, brightness: from + random() * (to - from) };
}

/** Mulberry32 on a stirred seed: neighbouring numbers have nothing in common. */
function randomOf(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
