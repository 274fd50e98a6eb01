import type { Candidates, Decoder, ModelOutput } from './decoder.ts';

/** Rows of an output before the scores: centre x, centre y, width, height. */
const boxRows = 4;

/**
 * The head of YOLOv8 and its successors, which NanoDet's graph is brought into as well: [batch, 4 + classes, anchors],
 * rows centre x, centre y, width, height in input pixels, then one row of scores (0..1) a class. An anchor stands for
 * its best class only; of two equal scores the lower class wins.
 */
export class YoloHeadDecoder implements Decoder {
  readonly #classes: number;
  /** Best score and its class for each anchor; zero outside a call, so that only anchors with a hit are visited. */
  #best = new Float32Array(0);
  #bestClass = new Int32Array(0);
  /** Anchors with a hit, in the order of being found. */
  #hits = new Int32Array(0);
  #boxes = new Float32Array(0);
  #scores = new Float32Array(0);
  #classOf = new Int32Array(0);

  constructor(classes: number) {
    this.#classes = classes;
  }

  misfit(shape: readonly (number | string)[]): string | null {
    const rows = boxRows + this.#classes;
    if (shape.length === 3 && (shape[1] === rows || typeof shape[1] === 'string')) return null;
    return `its shape is [${shape.join(', ')}]; ${this.#classes} labels need [batch, ${rows}, anchors]`;
  }

  decode(output: ModelOutput, picture: number, minScore: number): Candidates {
    const [batch = 0, rows = 0, anchors = 0] = output.dims;
    if (picture >= batch || rows !== boxRows + this.#classes || output.data.length !== batch * rows * anchors) {
      throw new RangeError(`picture ${picture} of an output [${output.dims.join(', ')}] with ${this.#classes} classes`);
    }
    this.#fit(anchors);
    const base = picture * rows * anchors;
    const count = this.#scan(output.data, base + boxRows * anchors, anchors, minScore);
    this.#collect(output.data, base, anchors, count);
    return { count, boxes: this.#boxes, scores: this.#scores, classes: this.#classOf };
  }

  /** Visits the scores that reach the limit; returns the number of anchors with a hit. */
  #scan(data: Float32Array, start: number, anchors: number, minScore: number): number {
    const end = start + this.#classes * anchors;
    // A score is float32, the limit is not: compared as float32, a score of exactly the limit is in.
    const limit = Math.fround(minScore);
    let count = 0;
    for (let at = firstAtLeast(data, start, end, limit); at < end; at = firstAtLeast(data, at + 1, end, limit)) {
      const anchor = (at - start) % anchors;
      const score = data[at]!;
      if (score <= this.#best[anchor]!) continue;
      if (this.#best[anchor] === 0) this.#hits[count++] = anchor;
      this.#best[anchor] = score;
      this.#bestClass[anchor] = Math.floor((at - start) / anchors);
    }
    return count;
  }

  /** Writes the hits out in the order of their anchors and clears the marks. */
  #collect(data: Float32Array, base: number, anchors: number, count: number): void {
    const hits = this.#hits.subarray(0, count).sort();
    for (let i = 0; i < count; i++) {
      const anchor = hits[i]!;
      const x = data[base + anchor]!;
      const y = data[base + anchors + anchor]!;
      const halfWidth = data[base + 2 * anchors + anchor]! / 2;
      const halfHeight = data[base + 3 * anchors + anchor]! / 2;
      this.#boxes[4 * i] = x - halfWidth;
      this.#boxes[4 * i + 1] = y - halfHeight;
      this.#boxes[4 * i + 2] = x + halfWidth;
      this.#boxes[4 * i + 3] = y + halfHeight;
      this.#scores[i] = this.#best[anchor]!;
      this.#classOf[i] = this.#bestClass[anchor]!;
      this.#best[anchor] = 0;
    }
  }

  #fit(anchors: number): void {
    if (this.#best.length >= anchors) return;
    this.#best = new Float32Array(anchors);
    this.#bestClass = new Int32Array(anchors);
    this.#hits = new Int32Array(anchors);
    this.#boxes = new Float32Array(4 * anchors);
    this.#scores = new Float32Array(anchors);
    this.#classOf = new Int32Array(anchors);
  }
}

/**
 * Index of the first value from `from` that is at least `limit`; `end` where there is none. Nearly every score of
 * a picture is passed over here (284,000 of them at 416×416), so eight are looked at in one step: half the time of a
 * plain loop.
 */
function firstAtLeast(data: Float32Array, from: number, end: number, limit: number): number {
  let i = from;
  for (; i + 8 <= end; i += 8) {
    if (
      data[i]! >= limit ||
      data[i + 1]! >= limit ||
      data[i + 2]! >= limit ||
      data[i + 3]! >= limit ||
      data[i + 4]! >= limit ||
      data[i + 5]! >= limit ||
      data[i + 6]! >= limit ||
      data[i + 7]! >= limit
    ) {
      break;
    }
  }
  while (i < end && !(data[i]! >= limit)) i++;
  return i;
}
