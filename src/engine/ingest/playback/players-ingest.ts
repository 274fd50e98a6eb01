import type { ToEngine } from '../../../shared/engine/protocol.ts';
import { ControlBlock } from '../control-block.ts';
import { IngestThread } from '../ingest-thread.ts';
import type { IngestNews } from '../ports.ts';
import type { FromPlayer } from './player-messages.ts';

/** Of footage for one viewer: larger than a tile's, and as smooth as most cameras. */
const pictures = { maxWidth: 1280, maxFps: 25 } as const;

/** The main thread's side of players: a thread for each, for as long as somebody watches. */
export class PlayersIngest {
  readonly #workerFile: string | URL;
  readonly #maxPixels: number;
  readonly #onArrival: () => void;
  readonly #threads = new Map<string, IngestThread>();

  constructor(workerFile: string | URL, maxPixels: number, onArrival: () => void) {
    this.#workerFile = workerFile;
    this.#maxPixels = maxPixels;
    this.#onArrival = onArrival;
  }

  play({ session, pieces, command }: Extract<ToEngine, { type: 'play-recording' }>): void {
    let thread = this.#threads.get(session);
    if (thread === undefined) {
      const settings = { maxPixels: this.#maxPixels, ...pictures };
      thread = new IngestThread(this.#workerFile, { name: 'player', settings }, new ControlBlock(), this.#onArrival);
      this.#threads.set(session, thread);
    }
    if (pieces !== undefined) thread.say({ type: 'footage', pieces });
    if (command !== null) thread.say({ type: 'play', command });
  }

  stop(session: string): void {
    const thread = this.#threads.get(session);
    this.#threads.delete(session);
    void thread?.stop(1_000);
  }

  drain(tell: (news: IngestNews) => void): void {
    for (const [session, thread] of this.#threads) {
      const { ended } = thread;
      for (const message of thread.hear() as FromPlayer[]) {
        if (message.type === 'progress') {
          tell({ type: 'playing', session, progress: message.progress });
          continue;
        }
        thread.control.pictureTaken();
        const { capturedAtMs, preview } = message;
        tell({ type: 'picture', cameraId: session, capturedAtMs, analysed: false, ...preview });
      }
      if (ended) this.#threads.delete(session);
    }
  }

  async close(timeoutMs: number): Promise<void> {
    const threads = [...this.#threads.values()];
    this.#threads.clear();
    await Promise.all(threads.map((thread) => thread.stop(timeoutMs)));
  }
}
