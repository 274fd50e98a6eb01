import { encodePicture, type PictureHeader, type PictureRequest } from '../../shared/contract/media.ts';
import type { QueueStatus } from '../../shared/domain/system.ts';
import { Viewers, type Deliver, type Viewer, type ViewerEnd } from './viewers.ts';

/** A viewer that never acknowledges is a viewer that draws nothing: its pictures stop, others go on. */
interface Watch {
  readonly maxFps: number;
  /** Null: as small as usual. */
  readonly maxWidth: number | null;
  inFlight: boolean;
  waiting: { header: PictureHeader; jpeg: Uint8Array } | null;
}

/**
 * Takes preview pictures from the engine to every viewer that watches the camera: one unacknowledged picture a viewer
 * and camera, newest wins. A camera nobody watches is told to stop encoding.
 */
export class PictureRelay {
  readonly #viewers = new Viewers<Watch, PictureRequest>(
    (viewer, message) => {
      this.#request(viewer, message);
    },
    (cameraId) => {
      this.#tell(cameraId);
    },
  );
  /** 0: nobody watches. */
  readonly #watchChanged: (cameraId: string, maxFps: number) => void;
  /** Pictures replaced by newer ones before they could be sent. */
  #superseded = 0;

  constructor(watchChanged: (cameraId: string, maxFps: number) => void) {
    this.#watchChanged = watchChanged;
  }

  queues(): readonly QueueStatus[] {
    const watches = this.#viewers.watches();
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

  open(deliver: Deliver): ViewerEnd<PictureRequest> {
    return this.#viewers.open(deliver);
  }

  /** The highest rate anybody wants of the camera; 0 = nobody watches. */
  watchedFps(cameraId: string): number {
    return Math.max(0, ...this.#viewers.of(cameraId).map(({ watch }) => watch.maxFps));
  }

  /** The largest width anybody wants of the camera; null: nobody wants more than the usual one. */
  watchedWidth(cameraId: string): number | null {
    const widest = Math.max(0, ...this.#viewers.of(cameraId).map(({ watch }) => watch.maxWidth ?? 0));
    return widest === 0 ? null : widest;
  }

  push(header: PictureHeader, jpeg: Uint8Array): void {
    for (const { watch, deliver } of this.#viewers.of(header.cameraId)) {
      if (watch.inFlight) {
        if (watch.waiting !== null) this.#superseded += 1;
        watch.waiting = { header, jpeg };
      } else {
        watch.inFlight = true;
        deliver(encodePicture(header, jpeg));
      }
    }
  }

  #request(viewer: Viewer<Watch>, message: PictureRequest): void {
    const { cameraId } = message;
    switch (message.type) {
      case 'watch': {
        const { maxFps, maxWidth = null } = message;
        viewer.watches.set(cameraId, { maxFps, maxWidth, inFlight: false, waiting: null });
        this.#tell(cameraId);
        return;
      }
      case 'unwatch':
        if (viewer.watches.delete(cameraId)) this.#tell(cameraId);
        return;
      case 'ack': {
        const watch = viewer.watches.get(cameraId);
        if (watch === undefined) return;
        const next = watch.waiting;
        watch.waiting = null;
        watch.inFlight = next !== null;
        if (next !== null) viewer.deliver(encodePicture(next.header, next.jpeg));
      }
    }
  }

  #tell(cameraId: string): void {
    this.#watchChanged(cameraId, this.watchedFps(cameraId));
  }
}
