import type { InputSize } from '../../shared/domain/model.ts';
import type { HeldFrame } from '../ingest/ports.ts';

/** A solid rectangle in one of the colours that the model tiny-colour finds. */
export interface DrawnBox {
  readonly colour: 'red' | 'green' | 'blue';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const colourIndex = { red: 0, green: 1, blue: 2 } as const;

/** A grey picture with rectangles, as ingest would hand it over; the source is `factor` times as large. */
export function drawnFrame(size: InputSize, boxes: readonly DrawnBox[], factor = 1): HeldFrame {
  const bytes = new Uint8Array(size.width * size.height * 3).fill(114);
  for (const box of boxes) {
    const rgb = [25, 25, 25];
    rgb[colourIndex[box.colour]] = 230;
    for (let y = box.y; y < box.y + box.height; y++) {
      for (let x = box.x; x < box.x + box.width; x++) bytes.set(rgb, (y * size.width + x) * 3);
    }
  }
  return {
    bytes,
    ...size,
    scale: 1 / factor,
    offsetX: 0,
    offsetY: 0,
    sourceWidth: size.width * factor,
    sourceHeight: size.height * factor,
  };
}

/** Intersection over union of two boxes given as left, top, width, height. */
export function overlap(a: readonly number[], b: readonly number[]): number {
  const [ax = 0, ay = 0, aw = 0, ah = 0] = a;
  const [bx = 0, by = 0, bw = 0, bh = 0] = b;
  const width = Math.min(ax + aw, bx + bw) - Math.max(ax, bx);
  const height = Math.min(ay + ah, by + bh) - Math.max(ay, by);
  const shared = Math.max(0, width) * Math.max(0, height);
  return shared / (aw * ah + bw * bh - shared);
}
