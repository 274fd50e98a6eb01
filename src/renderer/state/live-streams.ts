import { SvelteMap } from 'svelte/reactivity';
import type { StreamBatch } from '../../shared/contract/stream.ts';
import type { Api } from '../api.ts';
import type { StreamRefusal } from '../worker/messages.ts';

/** The enlarged tile's side: it calls `ack` once it has taken the packets over. */
export interface StreamViewer {
  packets(batch: StreamBatch, ack: () => void): void;
}

/**
 * Hands cameras' own packets to the tile that decodes them: one tile a camera and window. A camera that no tile decodes
 * costs no copying and no transfer.
 */
export class LiveStreams {
  readonly #api: Api;
  readonly #viewers = new Map<string, StreamViewer>();
  /** By codec: what this window has learnt that it cannot decode. */
  readonly #refusals = new SvelteMap<string, StreamRefusal>();

  constructor(api: Api) {
    this.#api = api;
  }

  refusalOf(codec: string | null): StreamRefusal | null {
    return codec === null ? null : (this.#refusals.get(codec) ?? null);
  }

  refused(codec: string, refusal: StreamRefusal): void {
    this.#refusals.set(codec, refusal);
  }

  /** Replaces an earlier viewer of the camera. Returns its own undo. */
  watch(cameraId: string, viewer: StreamViewer): () => void {
    this.#viewers.set(cameraId, viewer);
    this.#api.media.request({ type: 'stream', cameraId });
    return () => {
      if (this.#viewers.get(cameraId) !== viewer) return;
      this.#viewers.delete(cameraId);
      this.#api.media.request({ type: 'unstream', cameraId });
    };
  }

  start(): () => void {
    const undo = [
      this.#api.media.onStream((batch) => {
        const { cameraId } = batch;
        const ack = (): void => {
          this.#api.media.request({ type: 'ack-stream', cameraId });
        };
        const viewer = this.#viewers.get(cameraId);
        if (viewer === undefined) ack();
        else viewer.packets(batch, ack);
      }),
      this.#api.media.onOpen(() => {
        for (const cameraId of this.#viewers.keys()) this.#api.media.request({ type: 'stream', cameraId });
      }),
    ];
    return () => {
      for (const stop of undo) stop();
    };
  }
}
