import type { InputSize } from '../../shared/domain/model.ts';
import type { HeldFrame } from '../ingest/ports.ts';

/** Puts the pictures of one call side by side: uint8 [batch, height, width, 3]. Owns one buffer, which is used again. */
export class PixelBatch {
  #buffer = new Uint8Array(0);

  /**
   * A single frame goes as it is. Places beyond the frames hold whatever was there: nobody looks at what is found in
   * them. The result is valid until the next call, or until the frame is given back.
   */
  of(frames: readonly HeldFrame[], input: InputSize, places = frames.length): Uint8Array {
    const [first] = frames;
    if (places === 1 && first !== undefined) return first.bytes;
    const frameBytes = input.width * input.height * 3;
    const pixels = this.#atLeast(places * frameBytes);
    frames.forEach((frame, index) => pixels.set(frame.bytes, index * frameBytes));
    return pixels;
  }

  blank(batch: number, input: InputSize, grey: number): Uint8Array {
    return this.#atLeast(batch * input.width * input.height * 3).fill(grey);
  }

  #atLeast(bytes: number): Uint8Array {
    if (this.#buffer.length < bytes) this.#buffer = new Uint8Array(bytes);
    return this.#buffer.subarray(0, bytes);
  }
}
