/**
 * Frame buffers of one worker. They go to the main thread by transfer and come back by `give`; the pool never holds
 * more than it was asked for at the same time, because it makes a new one only while none is free.
 */
export class BufferPool {
  readonly #free = new Map<number, ArrayBuffer[]>();

  take(bytes: number): ArrayBuffer {
    return this.#free.get(bytes)?.pop() ?? new ArrayBuffer(bytes);
  }

  /** Takes back buffers. Sizes other than those just given back are let go: the input size has changed. */
  give(buffers: readonly ArrayBuffer[]): void {
    for (const buffer of buffers) {
      const bytes = buffer.byteLength;
      if (!this.#free.has(bytes)) {
        this.#free.clear();
        this.#free.set(bytes, []);
      }
      this.#free.get(bytes)?.push(buffer);
    }
  }
}
