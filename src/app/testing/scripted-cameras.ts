import type { Clock } from '../../core/ports.ts';
import type { DecoderInUse } from '../../shared/domain/decoding.ts';
import type { EngineScript, OpenCamera } from './engine-script.ts';
import type { GateState, ScriptedFrames } from './scripted-frames.ts';

interface LiveSource {
  readonly open: OpenCamera;
  frame: number;
  readonly gate: GateState;
  timer: ReturnType<typeof setInterval> | null;
}

const LIVE_BUFFERS = 4;

/** The open cameras of a scripted engine; each delivers at its analysis rate. */
export class ScriptedCameras {
  readonly #clock: Clock;
  readonly #script: EngineScript;
  /** How often each was opened, in all engines of the test. */
  readonly #attempts: Map<string, number>;
  readonly #frames: ScriptedFrames;
  /** There is something to be told. */
  readonly #askTurn: () => void;
  readonly #open = new Map<string, LiveSource>();

  constructor(
    clock: Clock,
    script: EngineScript,
    attempts: Map<string, number>,
    frames: ScriptedFrames,
    askTurn: () => void,
  ) {
    this.#clock = clock;
    this.#script = script;
    this.#attempts = attempts;
    this.#frames = frames;
    this.#askTurn = askTurn;
  }

  /** Like the real one: a camera that is open already is closed first. */
  open(command: OpenCamera): void {
    const { cameraId, opening, analysisFps } = command;
    this.close(cameraId);
    const attempt = (this.#attempts.get(cameraId) ?? 0) + 1;
    this.#attempts.set(cameraId, attempt);
    const fate = this.#script.camera(command, attempt);
    if (typeof fate === 'object') {
      this.#frames.addNews({ type: 'camera-closed', cameraId, opening, reason: fate.reason, requested: false });
      return;
    }
    const source: LiveSource = { open: command, frame: 0, gate: { taken: null }, timer: null };
    this.#open.set(cameraId, source);
    const decoder: DecoderInUse = { kind: 'software', why: 'scripted', hardware: 'not-asked' };
    const facts = { width: 640, height: 480, codec: 'h264', fps: 25, decoder, transport: 'tcp' };
    this.#frames.addNews({ type: 'camera-opened', cameraId, opening, ...facts });
    if (fate === 'silent' || command.packetsOnly === true) return;
    source.timer = setInterval(() => {
      this.#captureOf(source);
    }, 1000 / analysisFps);
  }

  /** It was asked to end. Like the real one: a camera it does not know is not answered. */
  close(cameraId: string): void {
    const ended = this.#end(cameraId);
    if (ended === null) return;
    this.#frames.addNews({ type: 'camera-closed', cameraId, opening: ended, reason: 'closed', requested: true });
  }

  /** It goes away by itself. */
  goAway(cameraId: string, reason: string): void {
    const ended = this.#end(cameraId);
    if (ended === null) throw new Error(`camera ${cameraId} is not open`);
    this.#frames.addNews({ type: 'camera-closed', cameraId, opening: ended, reason, requested: false });
    this.#askTurn();
  }

  /** One frame arrives now. */
  capture(cameraId: string): void {
    const camera = this.#open.get(cameraId);
    if (camera === undefined) throw new Error(`camera ${cameraId} is not open`);
    this.#captureOf(camera);
  }

  /** A frame was thrown away: its result cannot be taken any more. */
  discarded(source: string): void {
    const camera = this.#open.get(source);
    if (camera !== undefined) camera.gate.taken = null;
  }

  /** The names of those that are open. */
  get openIds(): readonly string[] {
    return [...this.#open.keys()];
  }

  stopAll(): void {
    for (const camera of this.#open.values()) if (camera.timer !== null) clearInterval(camera.timer);
  }

  /** Answers which opening of it that was; null: it is not open. */
  #end(cameraId: string): number | null {
    const camera = this.#open.get(cameraId);
    if (camera === undefined) return null;
    if (camera.timer !== null) clearInterval(camera.timer);
    this.#open.delete(cameraId);
    return camera.open.opening;
  }

  #captureOf({ open: { cameraId, motionGate }, frame }: LiveSource): void {
    const source = this.#open.get(cameraId);
    if (source === undefined) return;
    source.frame = frame + 1;
    const shown = { source: cameraId, frame };
    const timeMs = this.#clock.monoMs();
    if (!motionGate || !this.#frames.isUnchanged('live', cameraId, shown, source.gate, timeMs)) {
      const isFull = this.#frames.heldOf(cameraId) >= LIVE_BUFFERS;
      source.gate.taken = isFull ? null : frame;
      if (isFull) this.#frames.lose(cameraId);
      else this.#frames.announce('live', cameraId, shown, timeMs, source.open);
    }
    this.#askTurn();
  }
}
