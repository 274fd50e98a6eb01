import type { Frame } from 'node-av/lib';
import { fittedInput } from '../../shared/domain/fitted-input.ts';
import type { InputSize } from '../../shared/domain/model.ts';
import { FrameScaler, planeOf } from './frame-scaler.ts';
import { fitInto, frameBytes, paintBorder, placeRows, type Fit } from './letterbox.ts';
import { turnRgb, type QuarterTurns } from './quarter-turns.ts';

/** Where a frame lies in the input that fits it. */
export interface PlacedFrame extends Fit {
  readonly input: InputSize;
  readonly sourceWidth: number;
  readonly sourceHeight: number;
}

/** Puts decoded frames of one video into model inputs. Keeps one scaler for as long as the frames keep their size. */
export class VideoLetterbox {
  readonly #tier: InputSize;
  readonly #multipleOf: number;
  readonly #padding: number;
  readonly #turns: QuarterTurns;
  #scaler: FrameScaler | null = null;

  constructor(
    { input, multipleOf, padding }: { input: InputSize; multipleOf: number; padding: number },
    turns: QuarterTurns,
  ) {
    this.#tier = input;
    this.#multipleOf = multipleOf;
    this.#padding = padding;
    this.#turns = turns;
  }

  /** Writes the letterboxed frame into the beginning of `target`, which has room for the whole tier. */
  write(frame: Frame, target: Uint8Array): PlacedFrame {
    const upright = this.#turns % 2 === 0;
    const [sourceWidth, sourceHeight] = this.sourceSize(frame);
    const input = fittedInput(this.#tier, sourceWidth, sourceHeight, this.#multipleOf);
    const pixels = target.subarray(0, frameBytes(input));
    const fit = fitInto(sourceWidth, sourceHeight, input);
    const rgb = planeOf(
      this.#scalerFor(upright ? fit.width : fit.height, upright ? fit.height : fit.width).scale(frame),
    );
    if (this.#turns === 0) {
      placeRows(pixels, input, fit, rgb.bytes, rgb.strideBytes);
    } else {
      const [width, height] = upright ? [fit.width, fit.height] : [fit.height, fit.width];
      const turned = turnRgb(rgb.bytes, rgb.strideBytes, width, height, this.#turns);
      placeRows(pixels, input, fit, turned, fit.width * 3);
    }
    paintBorder(pixels, input, fit, this.#padding);
    return { ...fit, input, sourceWidth, sourceHeight };
  }

  /** Width and height as shown. */
  sourceSize({ width, height }: Frame): readonly [width: number, height: number] {
    return this.#turns % 2 === 0 ? [width, height] : [height, width];
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
