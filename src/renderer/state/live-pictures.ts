import type { Events } from '../../shared/contract/events.ts';
import type { Api, Picture } from '../api.ts';

export type CameraResult = Events['cameras.result'];

/** A tile's side: what it is given. `picture` calls `ack` once it has room for the next one. */
export interface PictureViewer {
  picture(picture: Picture, ack: () => void): void;
  result(result: CameraResult): void;
}

interface Watched {
  readonly viewers: Map<PictureViewer, number>;
  maxFps: number;
}

/**
 * Hands pictures and results to whoever shows a camera, and tells the host which cameras are watched: a camera that no
 * tile shows costs no encoding and no transfer. Where two tiles show one camera, the slower one paces both.
 */
export class LivePictures {
  readonly #api: Api;
  readonly #watched = new Map<string, Watched>();

  constructor(api: Api) {
    this.#api = api;
  }

  /** Returns its own undo. */
  watch(cameraId: string, maxFps: number, viewer: PictureViewer): () => void {
    const watched = this.#watched.get(cameraId) ?? { viewers: new Map<PictureViewer, number>(), maxFps: 0 };
    this.#watched.set(cameraId, watched);
    watched.viewers.set(viewer, maxFps);
    this.#announce(cameraId, watched);
    return () => {
      watched.viewers.delete(viewer);
      if (watched.viewers.size > 0) {
        this.#announce(cameraId, watched);
      } else {
        this.#watched.delete(cameraId);
        this.#api.media.request({ type: 'unwatch', cameraId });
      }
    };
  }

  start(): () => void {
    const undo = [
      this.#api.media.onPicture((picture) => {
        this.#deliver(picture);
      }),
      this.#api.onEvent((message) => {
        if (message.event !== 'cameras.result') return;
        const watched = this.#watched.get(message.payload.cameraId);
        for (const viewer of watched?.viewers.keys() ?? []) viewer.result(message.payload);
      }),
      this.#api.media.onOpen(() => {
        for (const [cameraId, { maxFps }] of this.#watched)
          this.#api.media.request({ type: 'watch', cameraId, maxFps });
      }),
    ];
    return () => {
      for (const stop of undo) stop();
    };
  }

  #announce(cameraId: string, watched: Watched): void {
    const maxFps = Math.max(...watched.viewers.values());
    if (maxFps === watched.maxFps) return;
    watched.maxFps = maxFps;
    this.#api.media.request({ type: 'watch', cameraId, maxFps });
  }

  #deliver(picture: Picture): void {
    const { cameraId } = picture.header;
    const viewers = [...(this.#watched.get(cameraId)?.viewers.keys() ?? [])];
    let open = viewers.length;
    const ack = (): void => {
      open -= 1;
      if (open <= 0) this.#api.media.request({ type: 'ack', cameraId });
    };
    if (viewers.length === 0) ack();
    for (const viewer of viewers) viewer.picture(picture, ack);
  }
}
