import { noTimestamp } from './ffmpeg.ts';

/** H.264 and H.265 hold back at most 16 pictures to put them in order; a decoder thread adds one. */
const remembered = 32;

export interface PictureArrival {
  /** When it began to arrive, on the machine's monotonic clock. */
  readonly arrivedMonoMs: number;
  /** For so long it could not be had after that. */
  readonly heldMs: number;
}

/**
 * When each picture of a camera arrived, whenever a decoder hands it out.
 *
 * What RTP carries in pieces FFmpeg's parser joins, and knows that an H.264 or H.265 picture is whole only when the next
 * one begins (RTP's marker does not reach it). So a packet of such a stream comes one interval late (`waitsForNext`), and
 * the moment at which it comes is the one at which its successor began to arrive.
 */
export class PictureArrivals {
  readonly #waitsForNext: boolean;
  readonly #known: { readonly pts: bigint; readonly arrival: PictureArrival }[] = [];
  #nextBeganMonoMs: number | null = null;

  constructor(waitsForNext: boolean) {
    this.#waitsForNext = waitsForNext;
  }

  /** A packet was read. Of the first one nobody saw the beginning. */
  packet(pts: bigint, readMonoMs: number): PictureArrival {
    const arrivedMonoMs = this.#waitsForNext ? (this.#nextBeganMonoMs ?? readMonoMs) : readMonoMs;
    this.#nextBeganMonoMs = readMonoMs;
    const arrival = { arrivedMonoMs, heldMs: readMonoMs - arrivedMonoMs };
    this.#known.push({ pts, arrival });
    if (this.#known.length > remembered) this.#known.shift();
    return arrival;
  }

  /** Of the picture with this time stamp; without one, or with one that is not known, of the newest packet. */
  of(pts: bigint): PictureArrival {
    const found = pts === noTimestamp ? undefined : this.#known.findLast((one) => one.pts === pts);
    const newest = found ?? this.#known.at(-1);
    if (newest === undefined) throw new Error('a picture comes out of packets that were read');
    return newest.arrival;
  }
}

/** Of RTSP's codecs, those whose pictures FFmpeg's parser puts together. */
const joined = new Set(['h264', 'hevc', 'mpeg4']);

export const waitsForNext = (isRtsp: boolean, codec: string): boolean => isRtsp && joined.has(codec);
