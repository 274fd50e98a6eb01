import type { InputSize } from '../../shared/domain/model.ts';

/** Where a picture lies inside the model's input. `input = source × scale + offset`, in pixels. */
export interface Fit {
  /** Fitted size and place in whole pixels of the input. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** The exact mapping that carries boxes back; see `fitInto` about whole pixels. */
  readonly scale: number;
  readonly offsetX: number;
  readonly offsetY: number;
}

/**
 * The largest centred place of the source's aspect ratio inside the input. The fitted sides are rounded to whole
 * pixels, so one axis may be stretched by less than a pixel over its whole length; `scale` is the exact ratio and the
 * offsets centre the exact picture, which splits that rounding over both ends: the mapping is never off by more than
 * half an input pixel.
 */
export function fitInto(sourceWidth: number, sourceHeight: number, input: InputSize): Fit {
  const scale = Math.min(input.width / sourceWidth, input.height / sourceHeight);
  const width = Math.min(input.width, Math.max(1, Math.round(sourceWidth * scale)));
  const height = Math.min(input.height, Math.max(1, Math.round(sourceHeight * scale)));
  const x = Math.floor((input.width - width) / 2);
  const y = Math.floor((input.height - height) / 2);
  return {
    x,
    y,
    width,
    height,
    scale,
    offsetX: x + (width - sourceWidth * scale) / 2,
    offsetY: y + (height - sourceHeight * scale) / 2,
  };
}

/** Copies fitted RGB rows (stride in bytes) to their place. The border is not touched: see `paintBorder`. */
export function placeRows(target: Uint8Array, input: InputSize, fit: Fit, rows: Uint8Array, strideBytes: number): void {
  const rowBytes = fit.width * 3;
  const targetStride = input.width * 3;
  let to = fit.y * targetStride + fit.x * 3;
  if (rowBytes === targetStride && strideBytes === rowBytes) {
    target.set(rows.subarray(0, rowBytes * fit.height), to);
    return;
  }
  for (let row = 0, from = 0; row < fit.height; row++, from += strideBytes, to += targetStride) {
    target.set(rows.subarray(from, from + rowBytes), to);
  }
}

/** Fills everything around the fitted picture with the border grey. Buffers are used again, so this is done each time. */
export function paintBorder(target: Uint8Array, input: InputSize, fit: Fit, padding: number): void {
  const stride = input.width * 3;
  target.fill(padding, 0, fit.y * stride);
  target.fill(padding, (fit.y + fit.height) * stride, input.height * stride);
  const left = fit.x * 3;
  const right = (fit.x + fit.width) * 3;
  if (left === 0 && right === stride) return;
  for (let row = fit.y, start = fit.y * stride; row < fit.y + fit.height; row++, start += stride) {
    target.fill(padding, start, start + left);
    target.fill(padding, start + right, start + stride);
  }
}

export const frameBytes = (input: InputSize): number => input.width * input.height * 3;
