import type { Picture } from '../../shared/contract/media.ts';
import { decodeJpeg } from '../drawing/decode-jpeg.ts';
import { PictureScene, type SceneSize } from '../drawing/picture-scene.ts';
import type { FromDecoder, ToDecoder } from './messages.ts';
import type { Stamped } from './stamp-book.ts';
import { StreamPlayer } from './stream-player.ts';

const secondMs = 1000;
/** Without a picture of the stream for so long, previews are shown again. */
const silentMs = 3000;

/**
 * One enlarged camera in a worker: its preview pictures until its own packets are decoded, then those, each with the
 * boxes of its own frame.
 */
export class StreamScreen {
  readonly #say: (message: FromDecoder) => void;
  readonly #player: StreamPlayer;
  #scene: PictureScene | null = null;
  #size: SceneSize = { width: 1, height: 1, density: 1 };
  #isStreaming = false;
  #lastFrameMs = 0;
  #shown = 0;
  #pictureSize = { width: 0, height: 0 };

  constructor(say: (message: FromDecoder) => void) {
    this.#say = say;
    this.#player = new StreamPlayer({
      onFrame: (stamped) => {
        this.#frame(stamped);
      },
      onRefused: (refusal) => {
        say({ type: 'refused', refusal });
      },
    });
    setInterval(() => {
      this.#second();
    }, secondMs);
  }

  hear(message: ToDecoder): void {
    switch (message.type) {
      case 'canvas':
        this.#open(message.canvas, message.size);
        break;
      case 'size':
        this.#size = message.size;
        this.#scene?.redraw();
        break;
      case 'picture':
        void this.#picture(message.picture);
        break;
      case 'packets':
        this.#player.add(message.batch);
        this.#say({ type: 'packets-taken' });
        break;
      case 'result':
        this.#scene?.addResult(message.result);
        break;
    }
  }

  #open(canvas: OffscreenCanvas, size: SceneSize): void {
    const context = canvas.getContext('2d');
    this.#size = size;
    if (context === null) return;
    this.#scene = new PictureScene({
      context,
      size: () => this.#size,
      onDrawn: (drawn) => {
        this.#say({ type: 'drawn', drawn });
      },
      onTaken: ({ width, height }) => {
        if (!this.#isStreaming) return;
        this.#shown += 1;
        this.#pictureSize = { width, height };
      },
      isStream: true,
    });
  }

  async #picture({ header, jpeg }: Picture): Promise<void> {
    const image = this.#isStreaming ? null : await decodeJpeg(jpeg);
    this.#say({ type: 'picture-taken' });
    if (image === null) return;
    if (this.#scene === null || this.#isStreaming) {
      image.close();
      return;
    }
    const { capturedAtMs, analysed } = header;
    this.#scene.add({ capturedAtMs, analysed, image, width: image.width, height: image.height });
  }

  #frame({ frame, stamp }: Stamped<VideoFrame>): void {
    this.#lastFrameMs = performance.now();
    if (!this.#isStreaming) {
      this.#isStreaming = true;
      this.#say({ type: 'streaming', on: true });
    }
    if (this.#scene === null) {
      frame.close();
      return;
    }
    const { capturedAtMs, analysed } = stamp;
    this.#scene.add({
      capturedAtMs,
      analysed,
      image: frame,
      width: frame.displayWidth,
      height: frame.displayHeight,
    });
  }

  #second(): void {
    if (this.#isStreaming && performance.now() - this.#lastFrameMs > silentMs) {
      this.#isStreaming = false;
      this.#say({ type: 'streaming', on: false });
    }
    if (this.#isStreaming)
      this.#say({
        type: 'figures',
        figures: { shownFps: this.#shown, ...this.#pictureSize, leftOut: this.#player.leftOut },
      });
    this.#shown = 0;
  }
}
