import type { Frame } from 'node-av/lib';
import type { InputSize } from '../../shared/domain/model.ts';
import { FrameScaler, planeOf } from './frame-scaler.ts';
import { fitInto, paintBorder, placeRows, type Fit } from './letterbox.ts';
import { turnRgb, type QuarterTurns } from './quarter-turns.ts';

/** Puts decoded frames of one video into model inputs. Keeps one scaler for as long as the frames keep their size. */
export class VideoLetterbox {
  readonly input: InputSize;
  readonly #padding: number;
  readonly #turns: QuarterTurns;
  #scaler: FrameScaler | null = null;

  constructor(input: InputSize, padding: number, turns: QuarterTurns) {
    this.input = input;
    this.#padding = padding;
    this.#turns = turns;
  }

  /** Writes the letterboxed frame into `target` (height × width × 3 bytes). @returns where the picture lies. */
  write(frame: Frame, target: Uint8Array): Fit & { readonly sourceWidth: number; readonly sourceHeight: number } {
    const upright = this.#turns % 2 === 0;
    const sourceWidth = upright ? frame.width : frame.height;
    const sourceHeight = upright ? frame.height : frame.width;
    const fit = fitInto(sourceWidth, sourceHeight, this.input);
    const rgb = planeOf(
      this.#scalerFor(upright ? fit.width : fit.height, upright ? fit.height : fit.width).scale(frame),
    );
    if (this.#turns === 0) {
      placeRows(target, this.input, fit, rgb.bytes, rgb.strideBytes);
    } else {
      const [width, height] = upright ? [fit.width, fit.height] : [fit.height, fit.width];
      const turned = turnRgb(rgb.bytes, rgb.strideBytes, width, height, this.#turns);
      placeRows(target, this.input, fit, turned, fit.width * 3);
    }
    paintBorder(target, this.input, fit, this.#padding);
    return { ...fit, sourceWidth, sourceHeight };
  }

  close(): void {
    this.#scaler?.close();
    this.#scaler = null;
  }

  #scalerFor(width: number, height: number): FrameScaler {
    if (this.#scaler?.width !== width || this.#scaler.height !== height) {
      this.#scaler?.close();
      this.#scaler = FrameScaler.toRgb(width, height);
    }
    return this.#scaler;
  }
}
