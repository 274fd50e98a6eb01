import { groupOf } from '../../core/jobs/refresh-groups.ts';
import type { Clock } from '../../core/ports.ts';
import { inputText } from '../../core/scheduler/work-shape.ts';
import type { Detection } from '../../shared/domain/detection.ts';
import type { FailureKind } from '../../shared/domain/job.ts';
import { fittedInput } from '../../shared/domain/fitted-input.ts';
import type { LaneName } from '../../shared/domain/lanes.ts';
import type { InputSize } from '../../shared/domain/model.ts';
import {
  engineProtocolVersion,
  type EngineRequest,
  type FromEngine,
  type LostFrames,
  type ProbedStream,
  type Ticket,
  type ToEngine,
} from '../../shared/engine/protocol.ts';
import type { EngineChannel, EngineExit, SpawnEngine } from '../ports.ts';

type Run = Extract<ToEngine, { type: 'run' }>;
type FeedItem = Extract<ToEngine, { type: 'feed-item' }>;
type FeedPicture = Extract<ToEngine, { type: 'feed-picture' }>;
type OpenCamera = Extract<ToEngine, { type: 'open-camera' }>;

/** What a frame shows: the path of its file or the id of its camera, and its number. */
export interface ShownFrame {
  readonly source: string;
  readonly frame: number;
}

/** What becomes of a call. */
export type RunFate =
  | 'answered'
  /** Answered, and the same answer once more. */
  | 'answered-twice'
  /** An answer to a batch that was never asked for comes first. */
  | 'answered-after-garbage'
  | 'failed'
  | 'hangs'
  | EngineExit;

/** How the scripted engines behave; every part has a plain default. A pure function of its arguments, or a test's own state. */
export interface EngineScript {
  protocol?: number;
  /** The child never says `ready`. */
  silent?: boolean;
  ignoresStop?: boolean;
  residentBytes?: number | null;
  /** Processor time that the engine has used, in core-ms; left out: it cannot be read. */
  processorMs?: () => number | null;
  runMs: (lane: LaneName, batch: number) => number;
  detections: (frame: ShownFrame) => readonly Detection[];
  /** Frames of a file from its first to its last. */
  frames: (path: string) => number;
  run: (lane: LaneName, frames: readonly ShownFrame[]) => RunFate;
  /** Why the model is refused; null: it is taken. */
  refuses: (modelId: string) => string | null;
  warm: (lane: LaneName, batch: number, input: InputSize) => 'answered' | 'hangs' | EngineExit;
  /** With the motion gate: nothing changed in the frame since the last one that was run. */
  unchanged: (frame: ShownFrame) => boolean;
  /** Of the pictures of a file. */
  size: (path: string) => { readonly width: number; readonly height: number };
  item: (path: string) => { readonly kind: FailureKind; readonly reason: string } | null;
  /** Of a picture from memory, by what follows its format's first bytes. */
  picture: (text: string) => { readonly kind: FailureKind; readonly reason: string } | null;
  /** `opens`: delivers at its analysis rate; `silent`: opens and delivers nothing; text: ends with that reason. */
  camera: (open: OpenCamera, attempt: number) => 'opens' | 'silent' | { readonly reason: string };
  snapshot: (cameraId: string, capturedAtMs: number) => Uint8Array | null;
  /** What is found at an address; text: nothing, for that reason. */
  probe: (url: string) => Omit<ProbedStream, 'jpeg'> | string;
}

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

const jpegStart = [0xff, 0xd8, 0xff] as const;
/** What scripted engines take for a picture that shows `text`. */
export const scriptedPicture = (text: string): Uint8Array =>
  new Uint8Array([...jpegStart, ...new TextEncoder().encode(text)]);

export const tinyJpeg = new Uint8Array([0xff, 0xd8, 0xff, 0xd9]);

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

const plainScript: EngineScript = {
  runMs: (_lane, batch) => 4 + 2 * batch,
  detections: ({ source, frame }) => [{ classIndex: 0, score: 0.9, box: [(source.length + frame) % 50, 10, 40, 80] }],
  frames: (path) => (path.endsWith('.mp4') ? 10 : 1),
  run: () => 'answered',
  refuses: () => null,
  warm: () => 'answered',
  unchanged: () => false,
  size: () => ({ width: 640, height: 480 }),
  item: () => null,
  picture: () => null,
  camera: () => 'opens',
  snapshot: () => tinyJpeg,
  probe: () => ({
    ...{ width: 640, height: 480, codec: 'h264', fps: 25 },
    ...{ transport: 'tcp', decodeMs: 2, decodeCoreMsPerSecond: 50 },
  }),
};

interface Sightings {
  readonly runs: MadeRun[];
  readonly answered: Map<string, number>;
  readonly violations: string[];
  readonly attempts: Map<string, number>;
}

interface Feeding {
  readonly command: FeedItem;
  opened: boolean;
  next: number;
  readonly gate: GateState;
}

/** Of a source with the motion gate: the frame whose result its unchanged frames take. */
interface GateState {
  taken: number | null;
}

interface LiveSource {
  readonly open: OpenCamera;
  frame: number;
  readonly gate: GateState;
  timer: ReturnType<typeof setInterval> | null;
}

const LIVE_BUFFERS = 4;
const SOURCE = { sourceWidth: 640, sourceHeight: 480, motion: null } as const;

/**
 * An engine without pixels, in this process: one thread for calls (what arrives during one waits for its end, and what
 * was decoded meanwhile is told with its answer), and sources that deliver as they are asked. Works on `setTimeout`
 * alone, so that fake timers drive it.
 */
export class ScriptedEngine implements EngineChannel {
  readonly pid: number;
  readonly #clock: Clock;
  readonly #script: EngineScript;
  readonly #record: Sightings;
  /** Everything that was sent here, in order. */
  readonly received: ToEngine[] = [];
  #listener: ((message: FromEngine) => void) | null = null;
  #exitListener: ((exit: EngineExit) => void) | null = null;
  #inbox: ToEngine[] = [];
  #tickets: Ticket[] = [];
  #lost: LostFrames[] = [];
  #news: FromEngine[] = [];
  #turnAsked = false;
  #busy = false;
  #ended = false;
  #window = 0;
  #nextFrameId = 1;
  /** `fits`: the input they are letterboxed into; those handed in as bytes have none here. */
  readonly #held = new Map<number, { ticket: Ticket; shown: ShownFrame; fits?: InputSize; jobId?: string }>();
  readonly #loaded = new Set<string>();
  readonly #warmed = new Set<string>();
  readonly #feedings: Feeding[] = [];
  readonly #cameras = new Map<string, LiveSource>();

  constructor(pid: number, clock: Clock, script: EngineScript, record: Sightings) {
    this.pid = pid;
    this.#clock = clock;
    this.#script = script;
    this.#record = record;
  }

  get heldFrames(): number {
    return this.#held.size;
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
    for (const camera of this.#cameras.values()) if (camera.timer !== null) clearInterval(camera.timer);
    this.#exitListener?.(exit);
  }

  /** Says something out of turn. */
  say(message: FromEngine): void {
    if (!this.#ended) this.#listener?.(message);
  }

  /** One frame of an open camera arrives now. */
  capture(cameraId: string): void {
    const camera = this.#cameras.get(cameraId);
    if (camera === undefined) throw new Error(`camera ${cameraId} is not open`);
    this.#captureOf(camera);
  }

  /** The source goes away by itself. */
  closeCamera(cameraId: string, reason: string): void {
    this.#endCamera(cameraId);
    this.#news.push({ type: 'camera-closed', cameraId, reason, requested: false });
    this.#askTurn();
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
    this.#ingest();
    if (this.#tickets.length > 0 || this.#lost.length > 0) this.say({ type: 'tickets', ...this.#takeTickets() });
    for (const news of this.#news.splice(0)) this.say(news);
  }

  #carryOut(message: ToEngine): void {
    switch (message.type) {
      case 'configure': {
        this.#window = message.archiveWindow;
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
          const camera = this.#cameras.get(this.#held.get(frameId)?.ticket.source ?? '');
          if (camera !== undefined) camera.gate.taken = null;
          this.#held.delete(frameId);
        }
        return;
      case 'archive-window':
        this.#window = message.frames;
        return;
      case 'open-camera':
        this.#openCamera(message);
        return;
      case 'close-camera':
        // Like the real one: a camera it does not know is not answered.
        if (this.#endCamera(message.cameraId)) {
          this.#news.push({ type: 'camera-closed', cameraId: message.cameraId, reason: 'closed', requested: true });
        }
        return;
      case 'feed-item':
        this.#feedings.push({ command: message, opened: false, next: message.startFrame, gate: { taken: null } });
        return;
      case 'feed-picture':
        this.#picture(message);
        return;
      case 'drop-item':
        this.#dropItem(message.item);
        return;
      case 'stop':
        if (this.#script.ignoresStop !== true) this.end({ code: 0, signal: null });
        return;
      case 'watch-camera':
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
      case 'inspect':
        this.say({
          type: 'reply',
          requestId,
          value: { kind: 'picture', width: 640, height: 480, codec: 'mjpeg', durationMs: null, fps: null },
        });
        return;
      case 'still':
        this.say({ type: 'reply', requestId, value: { jpeg: tinyJpeg } });
        return;
      case 'probe': {
        const fault = this.#script.probe(request.url);
        if (typeof fault === 'string') {
          this.say({ type: 'refused', requestId, fault: { kind: 'unreadable', message: fault } });
        } else {
          this.say({ type: 'reply', requestId, value: { ...fault, jpeg: tinyJpeg } });
        }
        return;
      }
      case 'discover-cameras':
        this.say({ type: 'reply', requestId, value: { devices: [] } });
        return;
      case 'onvif-streams':
        this.say({ type: 'refused', requestId, fault: { kind: 'unsupported', message: 'scripted' } });
        return;
      case 'snapshot':
        this.say({
          type: 'reply',
          requestId,
          value: { jpeg: this.#script.snapshot(request.cameraId, request.capturedAtMs) },
        });
        return;
      case 'export-recording':
      case 'mend-recording':
        this.say({ type: 'refused', requestId, fault: { kind: 'unsupported', message: 'scripted' } });
        return;
      case 'measure-provider':
        this.say({ type: 'reply', requestId, value: { works: false, why: 'scripted' } });
    }
  }

  #run({ batchId, modelId, lane, input, frameIds }: Run): void {
    const held = frameIds.map((frameId) => this.#held.get(frameId));
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
        const frame = this.#held.get(frameId);
        if (frame === undefined) return [];
        const key = `${frame.shown.source}#${String(frame.shown.frame)}`;
        this.#record.answered.set(key, (this.#record.answered.get(key) ?? 0) + 1);
        this.#held.delete(frameId);
        return [{ frameId, detections: this.#script.detections(frame.shown) }];
      });
      this.#ingest();
      const done = { type: 'done', batchId, runMs, slotMs: runMs, results, ...this.#takeTickets() } as const;
      if (fate === 'answered-after-garbage') this.say({ ...done, batchId: batchId + 1_000, tickets: [], lost: [] });
      this.say(done);
      // Like the real one: also where the next call follows at once.
      for (const news of this.#news.splice(0)) this.say(news);
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

  /** Decodes as far as the window allows: the jobs take turns and have equal shares of it, each its items in their order. */
  #ingest(): void {
    for (let decoded = true; decoded;) {
      decoded = false;
      const fed = new Set(this.#feedings.map(({ command }) => command.jobId));
      const held = this.#heldByJob();
      const share = Math.floor(this.#window / Math.max(1, new Set([...fed, ...held.keys()]).size));
      const all = [...held.values()].reduce((sum, frames) => sum + frames, 0);
      for (const jobId of fed) {
        if (this.#decodeOf(jobId, all < this.#window && (held.get(jobId) ?? 0) < share)) {
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
      this.#news.push({ type: 'item-failed', item, ...failure });
      this.#feedings.splice(this.#feedings.indexOf(feeding), 1);
      return true;
    }
    const frames = this.#script.frames(path);
    if (!feeding.opened)
      this.#news.push({ type: 'item-opened', item, ...this.#script.size(path), expectedFrames: frames });
    feeding.opened = true;
    if (feeding.next >= frames) {
      this.#endItem(feeding, true);
      return true;
    }
    const shown = { source: path, frame: feeding.next };
    const timeMs = (feeding.next * 1000) / command.fps;
    if (command.motionGate && this.#isUnchanged('archive', item, shown, feeding.gate, timeMs)) {
      feeding.next++;
      return true;
    }
    if (!hasRoom) return false;
    feeding.gate.taken = feeding.next++;
    this.#announce('archive', item, shown, timeMs, this.#clock.epochMs(), command);
    return true;
  }

  #picture({ lane, source, frame, bytes, capturedMonoMs, capturedAtMs, deadlineMonoMs }: FeedPicture): void {
    const text = new TextDecoder().decode(bytes.subarray(jpegStart.length));
    const isLate = deadlineMonoMs !== null && this.#clock.monoMs() >= deadlineMonoMs;
    const failure = isLate ? ({ kind: 'timed-out', reason: 'late' } as const) : this.#script.picture(text);
    if (failure !== null) {
      this.#news.push({ type: 'picture-failed', source, frame, ...failure });
      return;
    }
    const frameId = this.#nextFrameId++;
    const times = { timeMs: 0, capturedMonoMs, capturedAtMs };
    const deadline = deadlineMonoMs === null ? {} : { deadlineMonoMs };
    const ticket: Ticket = { frameId, lane, source, frame, ...times, ...SOURCE, ...deadline };
    this.#held.set(frameId, { ticket, shown: { source: text, frame } });
    this.#tickets.push(ticket);
  }

  #endItem({ command, next }: Feeding, complete: boolean): void {
    const { item, startFrame } = command;
    this.#news.push({ type: 'item-ended', item, frames: next - startFrame, endFrame: next, complete });
    this.#feedings.splice(
      this.#feedings.findIndex((feeding) => feeding.command.item === item),
      1,
    );
  }

  #dropItem(item: string): void {
    const feeding = this.#feedings.find(({ command }) => command.item === item);
    if (feeding !== undefined) this.#endItem(feeding, false);
    this.#tickets = this.#tickets.filter((ticket) => ticket.source !== item || ticket.lane === 'live');
    for (const [frameId, { ticket }] of this.#held) {
      if (ticket.lane === 'archive' && ticket.source === item) this.#held.delete(frameId);
    }
  }

  /** Decoded frames of items; pictures from memory have no part in the window. */
  #heldByJob(): Map<string, number> {
    const frames = new Map<string, number>();
    for (const { jobId } of this.#held.values()) {
      if (jobId !== undefined) frames.set(jobId, (frames.get(jobId) ?? 0) + 1);
    }
    return frames;
  }

  #openCamera(open: OpenCamera): void {
    const { cameraId, analysisFps } = open;
    const attempt = (this.#record.attempts.get(cameraId) ?? 0) + 1;
    this.#record.attempts.set(cameraId, attempt);
    const fate = this.#script.camera(open, attempt);
    if (typeof fate === 'object') {
      this.#news.push({ type: 'camera-closed', cameraId, reason: fate.reason, requested: false });
      return;
    }
    const source: LiveSource = { open, frame: 0, gate: { taken: null }, timer: null };
    this.#cameras.set(cameraId, source);
    const read = { decoder: 'h264 (software)', transport: 'tcp' };
    this.#news.push({ type: 'camera-opened', cameraId, width: 640, height: 480, codec: 'h264', fps: 25, ...read });
    if (fate === 'silent') return;
    source.timer = setInterval(() => {
      this.#captureOf(source);
    }, 1000 / analysisFps);
  }

  #endCamera(cameraId: string): boolean {
    const camera = this.#cameras.get(cameraId);
    if (camera === undefined) return false;
    if (camera.timer !== null) clearInterval(camera.timer);
    return this.#cameras.delete(cameraId);
  }

  #captureOf({ open: { cameraId, motionGate }, frame }: LiveSource): void {
    const source = this.#cameras.get(cameraId);
    if (source === undefined) return;
    source.frame = frame + 1;
    if (
      motionGate &&
      this.#isUnchanged('live', cameraId, { source: cameraId, frame }, source.gate, this.#clock.monoMs())
    ) {
      this.#askTurn();
      return;
    }
    let held = 0;
    for (const { ticket } of this.#held.values()) held += ticket.source === cameraId ? 1 : 0;
    source.gate.taken = held >= LIVE_BUFFERS ? null : frame;
    if (held >= LIVE_BUFFERS) this.#lost.push({ source: cameraId, reason: 'no-buffer', count: 1 });
    else {
      const shown = { source: cameraId, frame };
      this.#announce('live', cameraId, shown, this.#clock.monoMs(), this.#clock.epochMs(), source.open);
    }
    this.#askTurn();
  }

  /** Tells the frame as unchanged where it is. The first of a group never is. */
  #isUnchanged(lane: LaneName, source: string, shown: ShownFrame, gate: GateState, timeMs: number): boolean {
    const { frame } = shown;
    const { taken } = gate;
    if (taken === null || groupOf(taken) !== groupOf(frame) || !this.#script.unchanged(shown)) return false;
    const capturedMonoMs = this.#clock.monoMs();
    const capturedAtMs = this.#clock.epochMs();
    const seen = { lane, source, frame, timeMs, capturedMonoMs, capturedAtMs, ...SOURCE, sameAs: taken };
    this.#news.push({ type: 'unchanged', frames: [{ ...seen, motion: 0 }] });
    return true;
  }

  #announce(
    lane: LaneName,
    source: string,
    shown: ShownFrame,
    timeMs: number,
    capturedAtMs: number,
    { input, multipleOf, jobId }: { readonly input: InputSize; readonly multipleOf: number; readonly jobId?: string },
  ): void {
    const frameId = this.#nextFrameId++;
    const capturedMonoMs = this.#clock.monoMs();
    const { width: sourceWidth, height: sourceHeight } = this.#script.size(shown.source);
    const times = { timeMs, capturedMonoMs, capturedAtMs };
    const ticket = { frameId, lane, source, frame: shown.frame, ...times, sourceWidth, sourceHeight, motion: null };
    const fits = fittedInput(input, sourceWidth, sourceHeight, multipleOf);
    this.#held.set(frameId, { ticket, shown, fits, ...(jobId === undefined ? {} : { jobId }) });
    this.#tickets.push(ticket);
  }

  #takeTickets(): { tickets: Ticket[]; lost: LostFrames[] } {
    return { tickets: this.#tickets.splice(0), lost: this.#lost.splice(0) };
  }
}

const warmKey = (modelId: string, lane: LaneName, input: { width: number; height: number }, batch: number): string =>
  `${modelId} ${lane} ${String(input.width)}x${String(input.height)} ${String(batch)}`;
