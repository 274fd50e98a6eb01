import { AV_PIX_FMT_RGB24 } from 'node-av/constants';
import { Frame } from 'node-av/lib';
import type { Clock } from '../../core/ports.ts';
import { machineClock } from './clock.ts';
import type { LiveFacts, LiveFrame, LiveSource, Pause } from './live-source.ts';
import { PacedClock } from './paced-clock.ts';
import { drawTestPattern, testPictureMs, type TestPattern } from './test-pattern.ts';

/** Draws a test pattern at its own pace, without end. */
export class TestSource implements LiveSource {
  readonly facts: LiveFacts;
  readonly #pattern: TestPattern;
  readonly #pace: PacedClock;
  readonly #rgb: Buffer;
  #frame: Frame | null = null;
  #count = 0;

  constructor(pattern: TestPattern, pause: Pause, clock: Clock = machineClock) {
    this.#pattern = pattern;
    this.#pace = new PacedClock(clock, pause);
    this.#rgb = Buffer.alloc(pattern.width * pattern.height * 3);
    this.facts = {
      width: pattern.width,
      height: pattern.height,
      codec: 'test-pattern',
      fps: pattern.fps,
      transport: null,
    };
  }

  next(): LiveFrame {
    const number = this.#count++;
    const { width, height } = this.#pattern;
    drawTestPattern(this.#pattern, number, this.#rgb);
    this.#frame?.free();
    this.#frame = Frame.fromVideoBuffer(this.#rgb, { width, height, format: AV_PIX_FMT_RGB24 });
    const timeMs = testPictureMs(this.#pattern, number);
    return { frame: this.#frame, timeMs, capturedMonoMs: this.#pace.due(timeMs) };
  }

  close(): void {
    this.#frame?.free();
    this.#frame = null;
  }
}
