import {
  AV_PIX_FMT_GRAY8,
  AV_PIX_FMT_NV12,
  AV_PIX_FMT_NV21,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUV422P,
  AV_PIX_FMT_YUV444P,
  AV_PIX_FMT_YUVJ420P,
  AV_PIX_FMT_YUVJ422P,
  AV_PIX_FMT_YUVJ444P,
  AVCOL_RANGE_JPEG,
} from 'node-av/constants';
import type { Frame } from 'node-av/lib';
import type { PictureFigures } from '../../shared/domain/camera-health.ts';
import { FrameScaler, planeOf } from './frame-scaler.ts';
import { meansColumns } from './motion-meter.ts';

/** Formats whose black is 0 and whose white is 255, whatever they say of their range. */
const fullRange = [AV_PIX_FMT_GRAY8, AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUVJ444P] as const;
const isFullRange: ReadonlySet<number> = new Set<number>(fullRange);
/** Formats whose first plane is brightness, a byte a pixel. */
const hasBrightness: ReadonlySet<number> = new Set<number>([
  ...fullRange,
  AV_PIX_FMT_NV12,
  AV_PIX_FMT_NV21,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUV422P,
  AV_PIX_FMT_YUV444P,
]);

/** So many rows, and so many places in each, are looked at in a picture of whatever size. */
const sampledRows = 60;
const sampledColumns = 320;
/** Brightness is compared over so many pixels to find edges, and over two to see how steep they are. */
const edgePixels = 8;
/** A difference is an edge from so much on, and from this share of the picture's spread: noise is none. */
const leastEdge = 12;
const edgeOfSpread = 0.25;
/** Fewer edges say nothing of the focus. */
const fewestEdges = 40;
const saturatedFrom = 250;

const layoutColumns = 16;
const layoutRows = 12;
/** Block means along each side of a cell. */
const cellSide = 4;

/** A camera that is analysed more rarely is measured with each frame. */
const measureEveryMs = 1000;

/**
 * Measures a camera's picture now and then: brightness and edges at 60 × 320 places of the picture as it was decoded, the
 * layout from the block means that the motion meter has made anyway. About 0.2 ms a measurement of decoded video, whatever its
 * size; pictures that have to be converted first (drawn ones, 10 bits) cost that on top.
 */
export class FiguresMeter {
  readonly #histogram = new Uint32Array(256);
  #scaler: FrameScaler | null = null;
  #nextMs = -Infinity;
  #motion = 0;
  #frames = 0;

  /**
   * To be asked with every kept frame, run or unchanged. Null: it is not time.
   * @param means of the motion meter.
   */
  look(frame: Frame, monoMs: number, motion: number, means: Uint8Array): PictureFigures | null {
    this.#motion += motion;
    this.#frames += 1;
    if (monoMs < this.#nextMs) return null;
    this.#nextMs = monoMs + measureEveryMs;
    const meanMotion = this.#motion / this.#frames;
    this.#motion = 0;
    this.#frames = 0;
    return { ...this.#measure(this.#brightnessOf(frame)), motion: meanMotion, layout: layoutOf(means) };
  }

  close(): void {
    this.#scaler?.close();
  }

  #measure(frame: Frame): Omit<PictureFigures, 'motion' | 'layout'> {
    const { bytes, strideBytes } = planeOf(frame);
    const { width, height } = frame;
    const rows = Math.min(sampledRows, height);
    const columns = Math.max(1, Math.min(sampledColumns, width - edgePixels));
    const rowStep = height / rows;
    const columnStep = Math.max(0, width - edgePixels) / columns;
    const placeOf = (row: number, column: number): number =>
      Math.floor((row + 0.5) * rowStep) * strideBytes + Math.floor((column + 0.5) * columnStep);

    const histogram = this.#histogram.fill(0);
    let sum = 0;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const level = bytes[placeOf(row, column)]!;
        histogram[level]! += 1;
        sum += level;
      }
    }
    const places = rows * columns;
    const low = levelAt(histogram, places * 0.05);
    const high = levelAt(histogram, places * 0.95);
    const { black, gain } = rangeOf(frame);
    let saturated = 0;
    for (let level = Math.ceil(black + saturatedFrom / gain); level < 256; level++) saturated += histogram[level]!;

    const edge = Math.max(leastEdge, edgeOfSpread * (high - low));
    let edges = 0;
    let steepness = 0;
    for (let row = 0; width > edgePixels && row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const from = placeOf(row, column);
        const rise = Math.abs(bytes[from + edgePixels]! - bytes[from]!);
        if (rise < edge) continue;
        edges += 1;
        steepness += steepest(bytes, from) / rise;
      }
    }
    return {
      brightness: Math.max(0, Math.min(255, (sum / places - black) * gain)),
      spread: Math.min(255, (high - low) * gain),
      saturated: saturated / places,
      sharpness: edges < fewestEdges ? null : steepness / edges,
    };
  }

  /** Only what has no plane of brightness is converted. */
  #brightnessOf(frame: Frame): Frame {
    if (hasBrightness.has(frame.format)) return frame;
    const { width, height } = frame;
    if (this.#scaler?.width !== width || this.#scaler.height !== height) {
      this.#scaler?.close();
      this.#scaler = FrameScaler.toMeans(width, height);
    }
    return this.#scaler.scale(frame);
  }
}

/** The largest step over two pixels on the way from a place to the one `edgePixels` further. */
function steepest(bytes: Uint8Array, from: number): number {
  let most = 0;
  for (let at = from; at <= from + edgePixels - 2; at++) most = Math.max(most, Math.abs(bytes[at + 2]! - bytes[at]!));
  return most;
}

function levelAt(histogram: Uint32Array, places: number): number {
  let seen = 0;
  for (let level = 0; level < 256; level++) {
    seen += histogram[level]!;
    if (seen >= places) return level;
  }
  return 255;
}

/** Video keeps black at 16 and white at 235 unless it says otherwise. */
function rangeOf({ format, colorRange }: Frame): { readonly black: number; readonly gain: number } {
  const isFull = isFullRange.has(format) || colorRange === AVCOL_RANGE_JPEG;
  return isFull ? { black: 0, gain: 1 } : { black: 16, gain: 255 / 219 };
}

/** Mean difference of neighbouring block means in each cell, downwards, then to the right; roots, so that no lamp outweighs all. */
function layoutOf(means: Uint8Array): Uint8Array {
  const layout = new Uint8Array(2 * layoutColumns * layoutRows);
  for (let cell = 0; cell < layoutColumns * layoutRows; cell++) {
    const top = Math.floor(cell / layoutColumns) * cellSide;
    const left = (cell % layoutColumns) * cellSide;
    let down = 0;
    let right = 0;
    for (let row = top; row < top + cellSide; row++) {
      for (let column = left; column < left + cellSide; column++) {
        const at = row * meansColumns + column;
        if (row + 1 < layoutRows * cellSide) down += Math.abs(means[at + meansColumns]! - means[at]!);
        if (column + 1 < layoutColumns * cellSide) right += Math.abs(means[at + 1]! - means[at]!);
      }
    }
    layout[cell] = rooted(down);
    layout[layoutColumns * layoutRows + cell] = rooted(right);
  }
  return layout;
}

const rooted = (sum: number): number => Math.min(255, Math.round(16 * Math.sqrt(sum / cellSide ** 2)));
