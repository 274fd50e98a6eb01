import { encodePicture, type PictureHeader, type PictureRequest } from '../../shared/contract/media.ts';
import type { QueueStatus } from '../../shared/domain/system.ts';

/** A viewer that never acknowledges is a viewer that draws nothing: its pictures stop, others go on. */
interface Watch {
  readonly maxFps: number;
  readonly maxWidth: number | null;
  inFlight: boolean;
  waiting: { header: PictureHeader; jpeg: Uint8Array } | null;
}

interface Viewer {
  readonly deliver: (message: Uint8Array<ArrayBuffer>) => void;
  readonly watches: Map<string, Watch>;
}

export interface PictureViewer {
  request(message: PictureRequest): void;
  close(): void;
}

/**
 * Takes preview pictures from the engine to every viewer that watches the camera: one unacknowledged picture a viewer
 * and camera, newest wins. A camera nobody watches is told to stop encoding.
 */
export class PictureRelay {
  readonly #viewers = new Set<Viewer>();
  /** 0: nobody watches. */
  readonly #watchChanged: (cameraId: string, maxFps: number) => void;
  /** Pictures replaced by newer ones before they could be sent. */
  #superseded = 0;

  constructor(watchChanged: (cameraId: string, maxFps: number) => void) {
    this.#watchChanged = watchChanged;
  }

  queues(): readonly QueueStatus[] {
    const watches = [...this.#viewers].flatMap((viewer) => [...viewer.watches.values()]);
    return [
      {
        name: 'preview-pictures',
        unit: 'pictures',
        waiting: watches.filter((watch) => watch.waiting !== null).length,
        bound: watches.length,
        policy: 'newest-wins',
        givenUp: this.#superseded,
      },
    ];
  }

  open(deliver: (message: Uint8Array<ArrayBuffer>) => void): PictureViewer {
    const viewer: Viewer = { deliver, watches: new Map() };
    this.#viewers.add(viewer);
    return {
      request: (message) => {
        this.#request(viewer, message);
      },
      close: () => {
        this.#viewers.delete(viewer);
        for (const cameraId of viewer.watches.keys()) this.#watchChanged(cameraId, this.watchedFps(cameraId));
      },
    };
  }

  /** The highest rate anybody wants of the camera; 0 = nobody watches. */
  watchedFps(cameraId: string): number {
    let fps = 0;
    for (const viewer of this.#viewers) fps = Math.max(fps, viewer.watches.get(cameraId)?.maxFps ?? 0);
    return fps;
  }

  /** The largest width anybody wants of the camera; null: nobody wants more than the usual one. */
  watchedWidth(cameraId: string): number | null {
    const widths = [...this.#viewers].map(({ watches }) => watches.get(cameraId)?.maxWidth ?? 0);
    const widest = Math.max(0, ...widths);
    return widest === 0 ? null : widest;
  }

  push(header: PictureHeader, jpeg: Uint8Array): void {
    for (const viewer of this.#viewers) {
      const watch = viewer.watches.get(header.cameraId);
      if (watch === undefined) continue;
      if (watch.inFlight) {
        if (watch.waiting !== null) this.#superseded += 1;
        watch.waiting = { header, jpeg };
      } else {
        watch.inFlight = true;
        viewer.deliver(encodePicture(header, jpeg));
      }
    }
  }

  #request(viewer: Viewer, message: PictureRequest): void {
    switch (message.type) {
      case 'watch':
        viewer.watches.set(message.cameraId, {
          maxFps: message.maxFps,
          maxWidth: message.maxWidth ?? null,
          inFlight: false,
          waiting: null,
        });
        this.#watchChanged(message.cameraId, this.watchedFps(message.cameraId));
        return;
      case 'unwatch':
        if (viewer.watches.delete(message.cameraId))
          this.#watchChanged(message.cameraId, this.watchedFps(message.cameraId));
        return;
      case 'ack': {
        const watch = viewer.watches.get(message.cameraId);
        if (watch === undefined) return;
        const next = watch.waiting;
        watch.waiting = null;
        watch.inFlight = next !== null;
        if (next !== null) viewer.deliver(encodePicture(next.header, next.jpeg));
      }
    }
  }
}
