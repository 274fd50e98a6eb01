import type { ToEngine } from '../../shared/engine/protocol.ts';
import type { EngineScript } from './engine-script.ts';
import type { GateState, ScriptedFrames } from './scripted-frames.ts';

type FeedItem = Extract<ToEngine, { type: 'feed-item' }>;

interface Feeding {
  readonly command: FeedItem;
  opened: boolean;
  next: number;
  readonly gate: GateState;
}

/** The items that a scripted engine was fed: the jobs take turns and have equal shares of the window, each its items in their order. */
export class ScriptedItems {
  /** Frames decoded and not yet given back, all items together. */
  window = 0;
  readonly #script: EngineScript;
  readonly #frames: ScriptedFrames;
  readonly #feedings: Feeding[] = [];

  constructor(script: EngineScript, frames: ScriptedFrames) {
    this.#script = script;
    this.#frames = frames;
  }

  feed(command: FeedItem): void {
    this.#feedings.push({ command, opened: false, next: command.startFrame, gate: { taken: null } });
  }

  drop(item: string): void {
    const feeding = this.#feedings.find(({ command }) => command.item === item);
    if (feeding !== undefined) this.#end(feeding, false);
    this.#frames.dropItem(item);
  }

  /** Decodes as far as the window allows. */
  decode(): void {
    for (let decoded = true; decoded;) {
      decoded = false;
      const fed = new Set(this.#feedings.map(({ command }) => command.jobId));
      const held = this.#frames.heldByJob();
      const share = Math.floor(this.window / Math.max(1, new Set([...fed, ...held.keys()]).size));
      const all = [...held.values()].reduce((sum, frames) => sum + frames, 0);
      for (const jobId of fed) {
        if (this.#decodeOf(jobId, all < this.window && (held.get(jobId) ?? 0) < share)) {
          decoded = true;
          break;
        }
      }
    }
  }

  /** The next of the job's frames, or what there is instead; false: it has to wait for room. */
  #decodeOf(jobId: string, hasRoom: boolean): boolean {
    const feeding = this.#feedings.find(({ command }) => command.jobId === jobId);
    if (feeding === undefined) return false;
    const { command } = feeding;
    const { item, path } = command;
    const failure = this.#script.item(path);
    if (failure !== null) {
      this.#frames.addNews({ type: 'item-failed', item, ...failure });
      this.#feedings.splice(this.#feedings.indexOf(feeding), 1);
      return true;
    }
    const moments = command.wanted?.timesMs;
    const frames = moments?.length ?? this.#script.frames(path);
    if (!feeding.opened) {
      this.#frames.addNews({ type: 'item-opened', item, ...this.#script.size(path), expectedFrames: frames });
    }
    feeding.opened = true;
    if (feeding.next >= frames) {
      this.#end(feeding, true);
      return true;
    }
    const shown = { source: path, frame: feeding.next };
    const timeMs = moments?.[feeding.next] ?? (feeding.next * 1000) / command.fps;
    if (command.motionGate && this.#frames.isUnchanged('archive', item, shown, feeding.gate, timeMs)) {
      feeding.next++;
      return true;
    }
    if (!hasRoom) return false;
    feeding.gate.taken = feeding.next++;
    this.#frames.announce('archive', item, shown, timeMs, command);
    return true;
  }

  #end({ command, next }: Feeding, complete: boolean): void {
    const { item, startFrame } = command;
    this.#frames.addNews({ type: 'item-ended', item, frames: next - startFrame, endFrame: next, complete });
    this.#feedings.splice(
      this.#feedings.findIndex((feeding) => feeding.command.item === item),
      1,
    );
  }
}
