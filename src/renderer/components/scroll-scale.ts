/**
 * A browser stops growing an element at about 33.5 million device pixels (half of that in CSS pixels at 2 device pixels
 * each), so a list of a million rows cannot be as tall as its rows. The scroll bar then moves over `scrollHeight` ≤
 * `maxHeight`, while `offset` moves over the true height: equal below the limit, proportional above it. The offset is the
 * truth: wheel and keys move it by true pixels, and the scroll position follows, rounded.
 */
export class ScrollScale {
  readonly rowHeight: number;
  readonly maxHeight: number;
  #rows = 0;
  #viewport = 1;
  #offset = 0;

  constructor(rowHeight: number, maxHeight = 8_000_000) {
    this.rowHeight = rowHeight;
    this.maxHeight = maxHeight;
  }

  get trueHeight(): number {
    return this.#rows * this.rowHeight;
  }
  get scrollHeight(): number {
    return Math.min(this.trueHeight, this.maxHeight);
  }
  get offset(): number {
    return this.#offset;
  }
  get isScaled(): boolean {
    return this.trueHeight > this.maxHeight;
  }
  get scrollTop(): number {
    return this.#offset / this.#scale;
  }

  resize(rows: number, viewport: number): void {
    this.#rows = rows;
    this.#viewport = Math.max(1, viewport);
    this.moveTo(this.#offset);
  }

  /** The scroll bar was moved. Its own echo of `scrollTop` (rounded to device pixels) changes nothing. */
  scrolledTo(scrollTop: number): void {
    if (Math.abs(scrollTop - this.scrollTop) <= 1) return;
    this.moveTo(scrollTop * this.#scale);
  }

  moveTo(offset: number): void {
    this.#offset = Math.min(Math.max(0, offset), Math.max(0, this.trueHeight - this.#viewport));
  }

  /** Moves as little as needed to have the row in full view. */
  reveal(row: number): void {
    const top = row * this.rowHeight;
    if (top < this.#offset) this.moveTo(top);
    else if (top + this.rowHeight > this.#offset + this.#viewport) this.moveTo(top + this.rowHeight - this.#viewport);
  }

  /** Rows to render, with `overscan` more on either side: [first, end). */
  visible(overscan: number): readonly [first: number, end: number] {
    const first = Math.floor(this.#offset / this.rowHeight) - overscan;
    const end = Math.ceil((this.#offset + this.#viewport) / this.rowHeight) + overscan;
    return [Math.max(0, first), Math.min(this.#rows, end)];
  }

  /** Where a row is drawn inside the element that is `scrollHeight` tall. */
  top(row: number): number {
    return row * this.rowHeight - this.#offset + this.scrollTop;
  }

  get #scale(): number {
    const travel = this.scrollHeight - this.#viewport;
    return travel <= 0 ? 1 : (this.trueHeight - this.#viewport) / travel;
  }
}
