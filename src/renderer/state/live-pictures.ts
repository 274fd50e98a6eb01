import type { Events } from '../../shared/contract/events.ts';
import type { Picture } from '../../shared/contract/media.ts';
import type { Api } from '../api.ts';

export type CameraResult = Events['cameras.result'];

/** A tile's side: what it is given. `picture` calls `ack` once it has room for the next one. */
export interface PictureViewer {
  picture(picture: Picture, ack: () => void): void;
  result(result: CameraResult): void;
}

/** What a viewer wants of the previews. */
export interface PictureWish {
  /** 0: results only, as for a viewer that has the pictures from elsewhere. */
  readonly maxFps: number;
  /** Left out: as small as tiles of a wall want them. */
  readonly maxWidth?: number;
}

interface Watched {
  readonly viewers: Map<PictureViewer, PictureWish>;
  /** What the host was asked for. */
  asked: PictureWish;
}

const nothing: PictureWish = { maxFps: 0 };

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
  watch(cameraId: string, wish: PictureWish, viewer: PictureViewer): () => void {
    const watched = this.#watched.get(cameraId) ?? { viewers: new Map<PictureViewer, PictureWish>(), asked: nothing };
    this.#watched.set(cameraId, watched);
    watched.viewers.set(viewer, wish);
    this.#announce(cameraId, watched);
    return () => {
      watched.viewers.delete(viewer);
      if (watched.viewers.size === 0) this.#watched.delete(cameraId);
      this.#announce(cameraId, watched);
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
        for (const [cameraId, { asked }] of this.#watched)
          if (asked.maxFps > 0) this.#api.media.request({ type: 'watch', cameraId, ...asked });
      }),
    ];
    return () => {
      for (const stop of undo) stop();
    };
  }

  #announce(cameraId: string, watched: Watched): void {
    const wanted = most([...watched.viewers.values()]);
    if (wanted.maxFps === watched.asked.maxFps && wanted.maxWidth === watched.asked.maxWidth) return;
    watched.asked = wanted;
    this.#api.media.request(wanted.maxFps > 0 ? { type: 'watch', cameraId, ...wanted } : { type: 'unwatch', cameraId });
  }

  #deliver(picture: Picture): void {
    const { cameraId } = picture.header;
    const viewers = [...(this.#watched.get(cameraId)?.viewers ?? [])].filter(([, { maxFps }]) => maxFps > 0);
    let open = viewers.length;
    const ack = (): void => {
      open -= 1;
      if (open <= 0) this.#api.media.request({ type: 'ack', cameraId });
    };
    if (viewers.length === 0) ack();
    for (const [viewer] of viewers) viewer.picture(picture, ack);
  }
}

/** What satisfies all of them. */
function most(wishes: readonly PictureWish[]): PictureWish {
  const ofPictures = wishes.filter(({ maxFps }) => maxFps > 0);
  const maxFps = Math.max(0, ...ofPictures.map((wish) => wish.maxFps));
  const maxWidth = Math.max(0, ...ofPictures.map((wish) => wish.maxWidth ?? 0));
  return maxWidth === 0 ? { maxFps } : { maxFps, maxWidth };
}
