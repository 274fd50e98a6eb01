import type { ToEngine } from '../../../shared/engine/protocol.ts';
import { ControlBlock } from '../control-block.ts';
import { IngestThread } from '../ingest-thread.ts';
import type { IngestNews } from '../ports.ts';
import type { FromPlayer } from './player-messages.ts';

/** Of footage for one viewer: larger than a tile's, and as smooth as most cameras. */
const pictures = { maxWidth: 1280, maxFps: 25 } as const;

interface Player {
  readonly thread: IngestThread;
  /** Where it is, as far as is known. */
  atMs: number;
}

/** The main thread's side of players: a thread for each, for as long as somebody watches. */
export class PlayersIngest {
  readonly #workerFile: string | URL;
  readonly #maxPixels: number;
  readonly #onArrival: () => void;
  readonly #players = new Map<string, Player>();

  constructor(workerFile: string | URL, maxPixels: number, onArrival: () => void) {
    this.#workerFile = workerFile;
    this.#maxPixels = maxPixels;
    this.#onArrival = onArrival;
  }

  play({ session, pieces, command }: Extract<ToEngine, { type: 'play-recording' }>): void {
    let player = this.#players.get(session);
    if (player === undefined) {
      const settings = { maxPixels: this.#maxPixels, ...pictures };
      const role = { name: 'player', settings } as const;
      player = { thread: new IngestThread(this.#workerFile, role, new ControlBlock(), this.#onArrival), atMs: 0 };
      this.#players.set(session, player);
    }
    player.atMs = command?.atMs ?? player.atMs;
    if (pieces !== undefined) player.thread.say({ type: 'footage', pieces });
    if (command !== null) player.thread.say({ type: 'play', command });
  }

  stop(session: string): void {
    const player = this.#players.get(session);
    this.#players.delete(session);
    void player?.thread.stop(1_000);
  }

  drain(tell: (news: IngestNews) => void): void {
    for (const [session, player] of this.#players) {
      const { thread } = player;
      const { ended } = thread;
      for (const message of thread.hear() as FromPlayer[]) {
        if (message.type === 'progress') {
          player.atMs = message.progress.atMs;
          tell({ type: 'playing', session, progress: message.progress });
          continue;
        }
        thread.control.pictureTaken();
        const { capturedAtMs, preview } = message;
        tell({ type: 'picture', cameraId: session, capturedAtMs, analysed: false, ...preview });
      }
      if (!ended) continue;
      // It broke down over what it played: whoever watches is told, and goes on behind it with another thread.
      this.#players.delete(session);
      tell({ type: 'playing', session, progress: { state: 'gap', atMs: player.atMs, nextMs: null } });
    }
  }

  async close(timeoutMs: number): Promise<void> {
    const players = [...this.#players.values()];
    this.#players.clear();
    await Promise.all(players.map(({ thread }) => thread.stop(timeoutMs)));
  }
}
