import type { StreamRequest } from '../../shared/contract/media.ts';
import { encodeStream, type StreamBatch } from '../../shared/contract/stream.ts';
import type { QueueStatus } from '../../shared/domain/system.ts';
import { Viewers, type Deliver, type Viewer, type ViewerEnd } from './viewers.ts';

/** Messages to one viewer that it has not answered: about two seconds of a camera. Beyond it nobody decodes. */
export const mostUnanswered = 60;

interface Watch {
  unanswered: number;
  /** Nothing goes out before the next keyframe: at the beginning, and after something was left out. */
  waitsForKey: boolean;
  /** What passes meanwhile is a loss; at the beginning it is not. */
  isBehind: boolean;
}

/**
 * Takes cameras' own packets from the engine to the viewers that decode them. Where a viewer does not keep up, packets
 * are left out up to the next keyframe and counted. A camera nobody streams is told to stop copying.
 */
export class PacketRelay {
  readonly #viewers = new Viewers<Watch, StreamRequest>(
    (viewer, message) => {
      this.#request(viewer, message);
    },
    (cameraId) => {
      this.#tell(cameraId);
    },
  );
  readonly #watchChanged: (cameraId: string, on: boolean) => void;
  #leftOut = 0;

  constructor(watchChanged: (cameraId: string, on: boolean) => void) {
    this.#watchChanged = watchChanged;
  }

  queues(): readonly QueueStatus[] {
    const watches = this.#viewers.watches();
    return [
      {
        name: 'viewer-packets',
        unit: 'packets',
        waiting: watches.reduce((sum, { unanswered }) => sum + unanswered, 0),
        bound: mostUnanswered * watches.length,
        policy: 'up-to-keyframe',
        givenUp: this.#leftOut,
      },
    ];
  }

  open(deliver: Deliver): ViewerEnd<StreamRequest> {
    return this.#viewers.open(deliver);
  }

  isWatched(cameraId: string): boolean {
    return this.#viewers.of(cameraId).length > 0;
  }

  /** @param leftOut packets that the engine itself had no room for. */
  push(batch: StreamBatch, leftOut: number): void {
    this.#leftOut += leftOut;
    for (const { watch, deliver } of this.#viewers.of(batch.cameraId)) {
      const wanted = this.#wanted(watch, batch);
      if (wanted === null) continue;
      watch.unanswered += 1;
      deliver(encodeStream(wanted));
    }
  }

  /** The part of it that this viewer gets; null: nothing. */
  #wanted(watch: Watch, batch: StreamBatch): StreamBatch | null {
    const { packets } = batch;
    if (watch.unanswered >= mostUnanswered) {
      watch.waitsForKey = true;
      watch.isBehind = true;
      this.#leftOut += packets.length;
      return null;
    }
    if (!watch.waitsForKey) return batch;
    const key = packets.findIndex(({ isKey }) => isKey);
    const passed = key < 0 ? packets.length : key;
    if (watch.isBehind) this.#leftOut += passed;
    if (key < 0) return null;
    watch.waitsForKey = false;
    watch.isBehind = false;
    return key === 0 ? batch : { ...batch, packets: packets.slice(key) };
  }

  #request(viewer: Viewer<Watch>, { type, cameraId }: StreamRequest): void {
    switch (type) {
      case 'stream':
        viewer.watches.set(cameraId, { unanswered: 0, waitsForKey: true, isBehind: false });
        this.#tell(cameraId);
        return;
      case 'unstream':
        if (viewer.watches.delete(cameraId)) this.#tell(cameraId);
        return;
      case 'ack-stream': {
        const watch = viewer.watches.get(cameraId);
        if (watch !== undefined) watch.unanswered = Math.max(0, watch.unanswered - 1);
      }
    }
  }

  #tell(cameraId: string): void {
    this.#watchChanged(cameraId, this.isWatched(cameraId));
  }
}
