import type { Clock } from '../../core/ports.ts';
import { machineClock } from './clock.ts';
import type { LiveFacts, LiveFrame, LiveSource, Pause } from './live-source.ts';
import { DuePackets } from './due-packets.ts';
import { PacedClock } from './paced-clock.ts';
import { openVideoFile } from './video-file.ts';
import type { OpenOptions } from './video-reader.ts';
import type { VideoTimeline } from './video-timeline.ts';

/** A video file as a camera: played at its own pace, again and again, with one running time. */
export class FileSource implements LiveSource {
  readonly #pace: PacedClock;
  readonly #video: VideoTimeline;
  readonly #packets: DuePackets | null;
  #loopStartMs = 0;
  #lastMs = 0;

  /** @throws MediaFault */
  constructor(
    path: string,
    limits: Pick<OpenOptions, 'maxPixels' | 'tap' | 'hardware'>,
    pause: Pause,
    onPacket: () => void,
    clock: Clock = machineClock,
  ) {
    this.#pace = new PacedClock(clock, pause);
    this.#packets = limits.tap === undefined ? null : new DuePackets(limits.tap);
    this.#video = openVideoFile(path, { ...limits, tap: this.#packets ?? undefined, strict: false }, onPacket);
  }

  /** A camera's picture is taken as it is stored: no camera turns its own. */
  get facts(): LiveFacts {
    const { width, height, turns, codec, fps } = this.#video.facts;
    const stored = turns % 2 === 0 ? { width, height } : { width: height, height: width };
    return { ...stored, codec, fps, transport: null };
  }

  next(): LiveFrame {
    let timed = this.#video.next();
    if (timed === null) {
      this.#video.rewind();
      this.#loopStartMs = this.#lastMs + 1000 / (this.facts.fps ?? 25);
      timed = this.#video.next();
      if (timed === null) throw new Error('a video ends only after its first picture');
    }
    const timeMs = Math.max(this.#loopStartMs + timed.timeMs, this.#lastMs);
    this.#lastMs = timeMs;
    const capturedMonoMs = this.#pace.due(timeMs);
    this.#packets?.release();
    return { frame: timed.frame, timeMs, capturedMonoMs };
  }

  close(): void {
    this.#packets?.close();
    this.#video.close();
  }
}
