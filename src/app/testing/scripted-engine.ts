import type { Clock } from '../../core/ports.ts';
import { inputText } from '../../core/scheduler/work-shape.ts';
import type { LaneName } from '../../shared/domain/lanes.ts';
import {
  engineProtocolVersion,
  type EngineRequest,
  type FromEngine,
  type ToEngine,
} from '../../shared/engine/protocol.ts';
import type { EngineChannel, EngineExit, SpawnEngine } from '../ports.ts';
import { plainScript, type EngineScript, type ShownFrame } from './engine-script.ts';
import { quickAnswer } from './scripted-answers.ts';
import { ScriptedCameras } from './scripted-cameras.ts';
import { ScriptedFrames } from './scripted-frames.ts';
import { ScriptedItems } from './scripted-items.ts';

export { scriptedPicture, tinyJpeg } from './engine-script.ts';
export type { EngineScript, RunFate, ShownFrame } from './engine-script.ts';

type Run = Extract<ToEngine, { type: 'run' }>;

export interface MadeRun {
  readonly lane: LaneName;
  readonly frames: readonly ShownFrame[];
}

/** Every engine of one test, one after the other, and what they were seen doing. */
export interface ScriptedEngines {
  readonly script: EngineScript;
  readonly spawn: SpawnEngine;
  /** All that were started; the last one is the one that lives, if any does. */
  readonly all: readonly ScriptedEngine[];
  readonly latest: () => ScriptedEngine;
  /** Every call that was begun. */
  readonly runs: readonly MadeRun[];
  /** How often each frame's result was answered, by `source#frame`. */
  readonly answered: ReadonlyMap<string, number>;
  /** What the control plane must never do: running what is not warmed or not held. */
  readonly violations: readonly string[];
}

export function scriptedEngines(clock: Clock, script: Partial<EngineScript> = {}): ScriptedEngines {
  const all: ScriptedEngine[] = [];
  const record: Sightings = { runs: [], answered: new Map(), violations: [], attempts: new Map() };
  const whole: EngineScript = { ...plainScript, ...script };
  return {
    script: whole,
    spawn: () => {
      const engine = new ScriptedEngine(1000 + all.length, clock, whole, record);
      all.push(engine);
      return Promise.resolve(engine);
    },
    all,
    latest: () => {
      const engine = all[all.length - 1];
      if (engine === undefined) throw new Error('no engine was started yet');
      return engine;
    },
    runs: record.runs,
    answered: record.answered,
    violations: record.violations,
  };
}

interface Sightings {
  readonly runs: MadeRun[];
  readonly answered: Map<string, number>;
  readonly violations: string[];
  readonly attempts: Map<string, number>;
}

/**
 * An engine without pixels, in this process: one thread for calls (what arrives during one waits for its end, and what
 * was decoded meanwhile is told with its answer), and sources that deliver as they are asked. Works on `setTimeout`
 * alone, so that fake timers drive it.
 */
export class ScriptedEngine implements EngineChannel {
  readonly pid: number;
  readonly #script: EngineScript;
  readonly #record: Sightings;
  /** Everything that was sent here, in order. */
  readonly received: ToEngine[] = [];
  #listener: ((message: FromEngine) => void) | null = null;
  #exitListener: ((exit: EngineExit) => void) | null = null;
  #inbox: ToEngine[] = [];
  #turnAsked = false;
  #busy = false;
  #ended = false;
  readonly #loaded = new Set<string>();
  readonly #warmed = new Set<string>();
  readonly #frames: ScriptedFrames;
  readonly #items: ScriptedItems;
  readonly #cameras: ScriptedCameras;

  constructor(pid: number, clock: Clock, script: EngineScript, record: Sightings) {
    this.pid = pid;
    this.#script = script;
    this.#record = record;
    this.#frames = new ScriptedFrames(clock, script);
    this.#items = new ScriptedItems(script, this.#frames);
    this.#cameras = new ScriptedCameras(clock, script, record.attempts, this.#frames, () => {
      this.#askTurn();
    });
  }

  get heldFrames(): number {
    return this.#frames.held.size;
  }

  /** Cameras that it reads. */
  get openCameras(): readonly string[] {
    return this.#cameras.openIds;
  }

  send(message: ToEngine): void {
    if (this.#ended) return;
    this.received.push(message);
    this.#inbox.push(message);
    this.#askTurn();
  }

  onMessage(listener: (message: FromEngine) => void): void {
    this.#listener = listener;
  }

  onExit(listener: (exit: EngineExit) => void): void {
    this.#exitListener = listener;
  }

  kill(): void {
    setTimeout(() => {
      this.end({ code: null, signal: 'SIGKILL' });
    }, 1);
  }

  residentBytes(): Promise<number | null> {
    return Promise.resolve(this.#script.residentBytes ?? null);
  }

  processorMs(): Promise<number | null> {
    return Promise.resolve(this.#script.processorMs?.() ?? null);
  }

  /** The process is gone, as the operating system would say it. */
  end(exit: EngineExit): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cameras.stopAll();
    this.#exitListener?.(exit);
  }

  /** Says something out of turn. */
  say(message: FromEngine): void {
    if (!this.#ended) this.#listener?.(message);
  }

  /** One frame of an open camera arrives now. */
  capture(cameraId: string): void {
    this.#cameras.capture(cameraId);
  }

  /** The source goes away by itself. */
  closeCamera(cameraId: string, reason: string): void {
    this.#cameras.goAway(cameraId, reason);
  }

  #askTurn(): void {
    if (this.#turnAsked || this.#busy || this.#ended) return;
    this.#turnAsked = true;
    setTimeout(() => {
      this.#turnAsked = false;
      this.#turn();
    }, 0);
  }

  #turn(): void {
    while (!this.#busy && !this.#ended) {
      const message = this.#inbox.shift();
      if (message === undefined) break;
      this.#carryOut(message);
    }
    if (this.#busy || this.#ended) return;
    this.#items.decode();
    if (this.#frames.hasTickets) this.say({ type: 'tickets', ...this.#frames.takeTickets() });
    for (const news of this.#frames.takeNews()) this.say(news);
  }

  #carryOut(message: ToEngine): void {
    switch (message.type) {
      case 'configure': {
        this.#items.window = message.archiveWindow;
        const { silent, protocol = engineProtocolVersion } = this.#script;
        if (silent !== true) this.say({ type: 'ready', protocol, pid: this.pid, cores: 2, versions: { engine: '1' } });
        return;
      }
      case 'request':
        this.#answer(message.requestId, message.request);
        return;
      case 'run':
        this.#run(message);
        return;
      case 'discard':
        for (const frameId of message.frameIds) {
          this.#cameras.discarded(this.#frames.held.get(frameId)?.ticket.source ?? '');
          this.#frames.held.delete(frameId);
        }
        return;
      case 'archive-window':
        this.#items.window = message.frames;
        return;
      case 'open-camera':
        this.#cameras.open(message);
        return;
      case 'close-camera':
        this.#cameras.close(message.cameraId);
        return;
      case 'feed-item':
        this.#items.feed(message);
        return;
      case 'feed-picture':
        this.#frames.picture(message);
        return;
      case 'drop-item':
        this.#items.drop(message.item);
        return;
      case 'stop':
        if (this.#script.ignoresStop !== true) this.end({ code: 0, signal: null });
        return;
      case 'watch-camera':
      case 'record-camera':
      case 'record-until':
      case 'play-recording':
      case 'stop-playing':
      case 'stream-camera':
        return;
    }
  }

  #answer(requestId: number, request: EngineRequest): void {
    switch (request.type) {
      case 'load-model': {
        const why = this.#script.refuses(request.modelId);
        if (why !== null) {
          this.say({ type: 'refused', requestId, fault: { kind: 'model-rejected', message: why } });
          return;
        }
        this.#occupy(5, () => {
          this.#loaded.add(request.modelId);
          const providers = { live: 'cpu', archive: 'cpu' };
          this.say({ type: 'reply', requestId, value: { providers, tried: [], loadMs: 5 } });
        });
        return;
      }
      case 'warm': {
        const { modelId, lane, batch, runs, input } = request;
        const fate = this.#script.warm(lane, batch, input);
        if (!this.#loaded.has(modelId)) this.#record.violations.push(`${modelId} is warmed but not loaded`);
        const runMs = this.#script.runMs(lane, batch);
        this.#occupy(fate === 'hangs' ? null : runMs * runs, () => {
          if (fate !== 'answered' && fate !== 'hangs') {
            this.end(fate);
            return;
          }
          this.#warmed.add(warmKey(modelId, lane, input, batch));
          this.say({ type: 'reply', requestId, value: { runMs: Array.from({ length: runs }, () => runMs) } });
        });
        return;
      }
      default:
        this.say(quickAnswer(this.#script, requestId, request));
    }
  }

  #run({ batchId, modelId, lane, input, frameIds }: Run): void {
    const held = frameIds.map((frameId) => this.#frames.held.get(frameId));
    const shown = held.flatMap((frame) => (frame === undefined ? [] : [frame.shown]));
    if (shown.length < frameIds.length) this.#record.violations.push(`batch ${String(batchId)} has frames not held`);
    if (!this.#warmed.has(warmKey(modelId, lane, input, frameIds.length))) {
      this.#record.violations.push(`a ${lane} batch of ${String(frameIds.length)} is run but not warmed`);
    }
    if (held.some((frame) => frame?.fits !== undefined && inputText(frame.fits) !== inputText(input))) {
      this.#record.violations.push(`batch ${String(batchId)} of ${inputText(input)} has frames of another size`);
    }
    this.#record.runs.push({ lane, frames: shown });
    const fate = this.#script.run(lane, shown);
    const runMs = this.#script.runMs(lane, frameIds.length);
    this.#occupy(fate === 'hangs' ? null : runMs, () => {
      if (typeof fate === 'object') {
        this.end(fate);
        return;
      }
      if (fate === 'failed') {
        this.say({ type: 'run-failed', batchId, message: 'the call did not work' });
        return;
      }
      const results = frameIds.flatMap((frameId) => {
        const frame = this.#frames.held.get(frameId);
        if (frame === undefined) return [];
        const key = `${frame.shown.source}#${String(frame.shown.frame)}`;
        this.#record.answered.set(key, (this.#record.answered.get(key) ?? 0) + 1);
        this.#frames.held.delete(frameId);
        return [{ frameId, detections: this.#script.detections(frame.shown) }];
      });
      this.#items.decode();
      const done = { type: 'done', batchId, runMs, slotMs: runMs, results, ...this.#frames.takeTickets() } as const;
      if (fate === 'answered-after-garbage') this.say({ ...done, batchId: batchId + 1_000, tickets: [], lost: [] });
      this.say(done);
      // Like the real one: also where the next call follows at once.
      for (const news of this.#frames.takeNews()) this.say(news);
      if (fate === 'answered-twice') this.say({ ...done, tickets: [], lost: [] });
    });
  }

  /** The one thread is taken for `forMs`; null: for ever. */
  #occupy(forMs: number | null, then: () => void): void {
    this.#busy = true;
    if (forMs === null) return;
    setTimeout(() => {
      this.#busy = false;
      if (this.#ended) return;
      then();
      this.#turn();
    }, forMs);
  }
}

const warmKey = (modelId: string, lane: LaneName, input: { width: number; height: number }, batch: number): string =>
  `${modelId} ${lane} ${String(input.width)}x${String(input.height)} ${String(batch)}`;
