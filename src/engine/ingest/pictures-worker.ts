import { once } from 'node:events';
import type { MessagePort } from 'node:worker_threads';
import { fittedInput } from '../../shared/domain/fitted-input.ts';
import { BufferPool } from './buffer-pool.ts';
import { machineClock } from './clock.ts';
import type { ControlBlock } from './control-block.ts';
import { frameBytes } from './letterbox.ts';
import { asMediaFault, MediaFault } from './media-fault.ts';
import type { FeedPicture, FromPicturesWorker, ToPicturesWorker } from './messages.ts';
import { inspectPicture, letterboxPicture } from './picture-file.ts';

/** While one is decoded on libuv's pool, the next one's header is read and its rows are placed. */
const mostAtOnce = 2;

interface Feed {
  readonly feed: number;
  readonly picture: FeedPicture;
}

/** Decodes pictures that were handed in as bytes, in the order they came, away from the slot's thread. */
export class PicturesWorker {
  readonly #port: MessagePort;
  readonly #control: ControlBlock;
  readonly #maxPixels: number;
  readonly #pool = new BufferPool();
  readonly #queue: Feed[] = [];
  #working = 0;

  constructor(port: MessagePort, control: ControlBlock, maxPixels: number) {
    this.#port = port;
    this.#control = control;
    this.#maxPixels = maxPixels;
  }

  /** Ends when the stop flag is found with the next message; a stop says one. */
  async run(): Promise<void> {
    this.#port.on('message', (message: ToPicturesWorker) => {
      if (message.type === 'buffers') this.#pool.give(message.buffers);
      else if (message.type === 'feed') this.#queue.push({ feed: message.feed, picture: message.picture });
      if (this.#control.stopped) this.#port.close();
      else this.#next();
    });
    await once(this.#port, 'close');
  }

  #next(): void {
    while (this.#working < mostAtOnce) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      this.#working++;
      void this.#decode(next).finally(() => {
        this.#working--;
        if (!this.#control.stopped) this.#next();
      });
    }
  }

  async #decode({ feed, picture }: Feed): Promise<void> {
    const { bytes, padding, frame, capturedMonoMs, capturedAtMs, deadlineMonoMs } = picture;
    try {
      if (deadlineMonoMs !== null && machineClock.monoMs() >= deadlineMonoMs) {
        throw new MediaFault('timed-out', 'Its deadline passed before it was its turn to be decoded.');
      }
      const facts = await inspectPicture(bytes, this.#maxPixels);
      const input = fittedInput(picture.input, facts.width, facts.height, picture.multipleOf);
      const buffer = this.#pool.take(frameBytes(input));
      const fit = await letterboxPicture(bytes, facts, input, padding, this.#maxPixels, new Uint8Array(buffer));
      this.#say(
        {
          type: 'frame',
          feed,
          frame,
          timeMs: 0,
          capturedMonoMs,
          capturedAtMs,
          buffer,
          width: input.width,
          height: input.height,
          scale: fit.scale,
          offsetX: fit.offsetX,
          offsetY: fit.offsetY,
          sourceWidth: facts.width,
          sourceHeight: facts.height,
          motion: null,
          preview: null,
        },
        [buffer],
      );
    } catch (error) {
      const { kind, message } = asMediaFault(error);
      this.#say({ type: 'picture-failed', feed, kind, reason: message });
    }
  }

  #say(message: FromPicturesWorker, transfer: readonly ArrayBuffer[] = []): void {
    this.#port.postMessage(message, [...transfer]);
  }
}
