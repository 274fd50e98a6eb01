import type { Picture } from '../../../shared/contract/media.ts';
import type { StreamBatch } from '../../../shared/contract/stream.ts';
import type { Drawn, SceneSize } from '../../drawing/picture-scene.ts';
import type { CameraResult, PictureViewer } from '../../state/live-pictures.ts';
import type { StreamViewer } from '../../state/live-streams.ts';
import type { FromDecoder, StreamFigures, StreamRefusal, ToDecoder } from '../../worker/messages.ts';

export interface StreamPainterEvents {
  readonly drawn: (drawn: Drawn) => void;
  /** Whether previews are needed beside the stream. */
  readonly streaming: (on: boolean) => void;
  readonly figures: (figures: StreamFigures) => void;
  readonly refused: (refusal: StreamRefusal) => void;
}

/** The page's end of a decoder in a worker, which owns the canvas from now on. */
export class StreamPainter implements PictureViewer, StreamViewer {
  readonly #canvas: HTMLCanvasElement;
  readonly #worker: Worker;
  /** Of what the worker has been given and not taken yet, oldest first. */
  readonly #pictureAcks: (() => void)[] = [];
  readonly #packetAcks: (() => void)[] = [];

  constructor(canvas: HTMLCanvasElement, events: StreamPainterEvents) {
    this.#canvas = canvas;
    this.#worker = new Worker(new URL('../../worker/decoder.ts', import.meta.url), { type: 'module' });
    this.#worker.onmessage = ({ data }: MessageEvent<FromDecoder>) => {
      this.#hear(data, events);
    };
    this.#worker.onerror = ({ message }) => {
      events.refused({ kind: 'failed', message });
    };
    const offscreen = canvas.transferControlToOffscreen();
    this.#say({ type: 'canvas', canvas: offscreen, size: this.#size() }, [offscreen]);
  }

  picture(picture: Picture, ack: () => void): void {
    this.#pictureAcks.push(ack);
    this.#say({ type: 'picture', picture });
  }

  packets(batch: StreamBatch, ack: () => void): void {
    this.#packetAcks.push(ack);
    // All of a batch lies in the one message that it came in.
    const message = batch.packets[0]?.data.buffer;
    this.#say({ type: 'packets', batch }, message === undefined ? [] : [message]);
  }

  result(result: CameraResult): void {
    this.#say({ type: 'result', result });
  }

  /** The tile changed its size. */
  redraw(): void {
    this.#say({ type: 'size', size: this.#size() });
  }

  close(): void {
    this.#worker.terminate();
    for (const ack of [...this.#pictureAcks.splice(0), ...this.#packetAcks.splice(0)]) ack();
  }

  #hear(message: FromDecoder, events: StreamPainterEvents): void {
    switch (message.type) {
      case 'picture-taken':
        this.#pictureAcks.shift()?.();
        break;
      case 'packets-taken':
        this.#packetAcks.shift()?.();
        break;
      case 'drawn':
        events.drawn(message.drawn);
        break;
      case 'streaming':
        events.streaming(message.on);
        break;
      case 'figures':
        events.figures(message.figures);
        break;
      case 'refused':
        events.refused(message.refusal);
        break;
    }
  }

  #size(): SceneSize {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    return { width, height, density: window.devicePixelRatio };
  }

  #say(message: ToDecoder, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }
}
