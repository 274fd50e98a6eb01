import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import { fittedInput } from '../../shared/domain/fitted-input.ts';
import type { WantedMoments } from '../../shared/engine/protocol.ts';
import { machineClock } from './clock.ts';
import { BufferPool } from './buffer-pool.ts';
import { chosenFrames, expectedFrames } from './chosen-frames.ts';
import type { ControlBlock } from './control-block.ts';
import { DecodeTurns, type DecodeSeat } from './decode-turns.ts';
import { checkFile } from './file-check.ts';
import { frameBytes } from './letterbox.ts';
import { asMediaFault } from './media-fault.ts';
import { MotionGate } from './motion-gate.ts';
import type { FeedItem, FromArchiveWorker, ToArchiveWorker, WorkerRole } from './messages.ts';
import { inspectPicture, letterboxPicture } from './picture-file.ts';
import { openVideoFile } from './video-file.ts';
import { VideoLetterbox, type PlacedFrame } from './video-letterbox.ts';
import { wantedPictures } from './wanted-pictures.ts';

interface Feed {
  readonly feed: number;
  readonly item: FeedItem;
  dropped: boolean;
}

/** Thrown inside a decoding loop when nobody wants its frames any more. */
class Unwanted extends Error {}

/**
 * One thread of the archive: decodes one item after the other, in the order they were fed, as far ahead as the window
 * allows, and when it is its turn. While it waits for credit or work it sleeps on the control block and has no turn.
 */
export class ArchiveWorker {
  readonly #port: MessagePort;
  readonly #control: ControlBlock;
  readonly #maxPixels: number;
  readonly #turn: DecodeSeat;
  readonly #pool = new BufferPool();
  readonly #queue: Feed[] = [];
  #current: Feed | null = null;

  constructor(
    port: MessagePort,
    control: ControlBlock,
    { maxPixels, turns, seat }: Extract<WorkerRole, { name: 'archive' }>,
  ) {
    this.#port = port;
    this.#control = control;
    this.#maxPixels = maxPixels;
    this.#turn = new DecodeTurns(() => machineClock.monoMs(), turns).seat(seat);
  }

  async run(): Promise<void> {
    while (!this.#control.stopped) {
      const seen = this.#control.wakes;
      this.#hear();
      const next = this.#queue.shift();
      if (next === undefined) this.#control.sleep(seen);
      else await this.#work(next);
    }
  }

  async #work(feed: Feed): Promise<void> {
    this.#current = feed;
    this.#say({ type: 'item-started', feed: feed.feed });
    try {
      this.#takeTurn(feed);
      const { kind, wanted } = feed.item;
      const endFrame =
        kind === 'picture'
          ? await this.#picture(feed)
          : wanted === undefined
            ? this.#video(feed)
            : this.#moments(feed, wanted);
      this.#say({ type: 'item-ended', feed: feed.feed, endFrame });
    } catch (error) {
      if (error instanceof Unwanted) {
        this.#say({ type: 'item-dropped', feed: feed.feed });
      } else {
        const { kind, message } = asMediaFault(error);
        this.#say({ type: 'item-failed', feed: feed.feed, kind, reason: message });
      }
    } finally {
      this.#turn.give(feed.item.weight);
      this.#current = null;
    }
  }

  /** After as much work as makes one frame, others may be next. */
  #passTurn(feed: Feed): void {
    this.#turn.give(feed.item.weight);
    this.#takeTurn(feed);
  }

  #takeTurn(feed: Feed): void {
    this.#turn.take(() => this.#isOver(feed));
    if (this.#isOver(feed)) throw new Unwanted();
  }

  #isOver(feed: Feed): boolean {
    this.#control.beat();
    this.#hear();
    return feed.dropped || this.#control.stopped;
  }

  /** @returns the number above its only frame. */
  async #picture(feed: Feed): Promise<number> {
    const { path, padding, startFrame } = feed.item;
    checkFile(path);
    const facts = await inspectPicture(path, this.#maxPixels);
    this.#say({ type: 'item-opened', feed: feed.feed, width: facts.width, height: facts.height, expectedFrames: 1 });
    if (startFrame > 0) return startFrame;
    const buffer = this.#takeBuffer(feed);
    const input = fittedInput(feed.item.input, facts.width, facts.height, feed.item.multipleOf);
    const pixels = new Uint8Array(buffer, 0, frameBytes(input));
    const fit = await letterboxPicture(path, facts, input, padding, this.#maxPixels, pixels);
    this.#deliver(feed, 0, 0, buffer, { ...fit, input, sourceWidth: facts.width, sourceHeight: facts.height }, null);
    return 1;
  }

  /** @returns the number above its last frame. */
  #video(feed: Feed): number {
    const { path, motionGate, sampling, startFrame } = feed.item;
    const open = { maxPixels: this.#maxPixels, strict: true, keyframesOnly: sampling === 'keyframes' };
    const video = openVideoFile(path, open, () => {
      if (this.#isOver(feed)) throw new Unwanted();
    });
    const letterbox = new VideoLetterbox(feed.item, video.facts.turns);
    const gate = new MotionGate(motionGate);
    try {
      const { width, height } = video.facts;
      const expected = expectedFrames(feed.item, video.facts);
      this.#say({ type: 'item-opened', feed: feed.feed, width, height, expectedFrames: expected });
      let endFrame = startFrame;
      for (const { frame, timed } of chosenFrames(video, feed.item)) {
        const { motion, sameAs } = gate.look(timed.frame, frame);
        if (sameAs === null) {
          const buffer = this.#takeBuffer(feed);
          const place = letterbox.write(timed.frame, new Uint8Array(buffer));
          gate.taken(frame);
          this.#deliver(feed, frame, timed.timeMs, buffer, place, motion);
        } else {
          const [sourceWidth, sourceHeight] = letterbox.sourceSize(timed.frame);
          const stamp = { capturedMonoMs: machineClock.monoMs(), capturedAtMs: machineClock.epochMs() };
          const { timeMs } = timed;
          this.#say({
            type: 'unchanged',
            feed: feed.feed,
            frame,
            sameAs,
            timeMs,
            ...stamp,
            sourceWidth,
            sourceHeight,
            motion,
          });
        }
        endFrame = frame + 1;
        this.#passTurn(feed);
      }
      return endFrame;
    } finally {
      gate.close();
      letterbox.close();
      video.close();
    }
  }

  /** @returns how many moments were wanted. */
  #moments(feed: Feed, wanted: WantedMoments): number {
    const { path, startFrame } = feed.item;
    const video = openVideoFile(path, { maxPixels: this.#maxPixels, strict: false }, () => {
      if (this.#isOver(feed)) throw new Unwanted();
    });
    // Footage is a camera's pictures as they were sent, and those are not turned.
    const letterbox = new VideoLetterbox(feed.item, 0);
    const expectedFrames = wanted.timesMs.length;
    try {
      const { width, height } = video.facts;
      this.#say({ type: 'item-opened', feed: feed.feed, width, height, expectedFrames });
      for (const { moment, timed } of wantedPictures(video, wanted, startFrame)) {
        const buffer = this.#takeBuffer(feed);
        const place = letterbox.write(timed.frame, new Uint8Array(buffer));
        this.#deliver(feed, moment, timed.timeMs, buffer, place, null);
        this.#passTurn(feed);
      }
      return expectedFrames;
    } finally {
      letterbox.close();
      video.close();
    }
  }

  /** Waits until the window has room. */
  #takeBuffer(feed: Feed): ArrayBuffer {
    let hasTurn = true;
    for (;;) {
      const seen = this.#control.wakes;
      if (this.#isOver(feed)) throw new Unwanted();
      if (this.#control.hasCredit) {
        if (!hasTurn) this.#takeTurn(feed);
        return this.#pool.take(frameBytes(feed.item.input));
      }
      if (hasTurn) this.#turn.give(feed.item.weight);
      hasTurn = false;
      this.#control.sleep(seen);
    }
  }

  #deliver(
    feed: Feed,
    frame: number,
    timeMs: number,
    buffer: ArrayBuffer,
    place: PlacedFrame,
    motion: number | null,
  ): void {
    this.#control.frameTaken();
    this.#say(
      {
        type: 'frame',
        feed: feed.feed,
        frame,
        timeMs,
        capturedMonoMs: machineClock.monoMs(),
        capturedAtMs: machineClock.epochMs(),
        buffer,
        width: place.input.width,
        height: place.input.height,
        scale: place.scale,
        offsetX: place.offsetX,
        offsetY: place.offsetY,
        sourceWidth: place.sourceWidth,
        sourceHeight: place.sourceHeight,
        motion,
        preview: null,
      },
      [buffer],
    );
  }

  #hear(): void {
    for (let heard = receiveMessageOnPort(this.#port); heard !== undefined; heard = receiveMessageOnPort(this.#port)) {
      const message = heard.message as ToArchiveWorker;
      switch (message.type) {
        case 'buffers':
          this.#pool.give(message.buffers);
          break;
        case 'feed':
          this.#queue.push({ feed: message.feed, item: message.item, dropped: false });
          break;
        case 'drop':
          this.#drop(message.feed);
          break;
      }
    }
  }

  #drop(feed: number): void {
    if (this.#current?.feed === feed) {
      this.#current.dropped = true;
      return;
    }
    const index = this.#queue.findIndex((queued) => queued.feed === feed);
    if (index === -1) return;
    this.#queue.splice(index, 1);
    this.#say({ type: 'item-dropped', feed });
  }

  #say(message: FromArchiveWorker, transfer: readonly ArrayBuffer[] = []): void {
    this.#port.postMessage(message, [...transfer]);
  }
}
