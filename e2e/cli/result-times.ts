import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { EventMessage } from '../../src/shared/contract/events.ts';
import type { CameraStatus } from '../../src/shared/domain/camera.ts';
import type { Served } from './served.ts';

/** How long every result of every camera took, from capture until it is heard here, on one machine's clock. */
export class ResultTimes implements Disposable {
  readonly #socket: WebSocket;
  #times = new Map<string, number[]>();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => {
      const message = JSON.parse((data as Buffer).toString('utf8')) as EventMessage;
      if (message.event !== 'cameras.result') return;
      const { cameraId, capturedAtMs } = message.payload;
      const times = this.#times.get(cameraId) ?? [];
      this.#times.set(cameraId, times);
      times.push(Date.now() - capturedAtMs);
    });
  }

  static async follow(app: Served): Promise<ResultTimes> {
    const { origin, cookie } = app.door;
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/events`, { headers: { origin, cookie } });
    await once(socket, 'open');
    return new ResultTimes(socket);
  }

  /** Of these cameras, since the last time it was asked. */
  take(cameraIds: readonly string[]): readonly number[] {
    const taken = cameraIds.flatMap((id) => this.#times.get(id) ?? []);
    this.#times = new Map();
    return taken;
  }

  [Symbol.dispose](): void {
    this.#socket.terminate();
  }
}

/** Nearest rank; 0 of none. */
export function p95(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(0.95 * sorted.length) - 1] ?? 0;
}

type Counts = Pick<CameraStatus, 'analysed' | 'dropped' | 'missShare'>;

/** Share of a camera's frames between two looks that came to a result within its promise. */
export function inTimeShare(before: Counts, after: Counts): number {
  const [earlier, later] = [settledOf(before), settledOf(after)];
  const frames = later.settled - earlier.settled;
  return frames === 0 ? 0 : 1 - (later.missed - earlier.missed) / frames;
}

function settledOf({ analysed, dropped, missShare }: Counts): { settled: number; missed: number } {
  const settled = Object.values(dropped).reduce((sum, count) => sum + count, analysed);
  return { settled, missed: missShare * settled };
}
