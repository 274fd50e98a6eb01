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

  open(command: OpenCamera): void {
    const { cameraId, analysisFps } = command;
    const attempt = (this.#attempts.get(cameraId) ?? 0) + 1;
    this.#attempts.set(cameraId, attempt);
    const fate = this.#script.camera(command, attempt);
    if (typeof fate === 'object') {
      this.#frames.addNews({ type: 'camera-closed', cameraId, reason: fate.reason, requested: false });
      return;
    }
    const source: LiveSource = { open: command, frame: 0, gate: { taken: null }, timer: null };
    this.#open.set(cameraId, source);
    const decoder: DecoderInUse = { kind: 'software', why: 'scripted', hardware: 'not-asked' };
    const read = { decoder, transport: 'tcp' };
    this.#frames.addNews({ type: 'camera-opened', cameraId, width: 640, height: 480, codec: 'h264', fps: 25, ...read });
    if (fate === 'silent' || command.packetsOnly === true) return;
    source.timer = setInterval(() => {
      this.#captureOf(source);
    }, 1000 / analysisFps);
  }

  /** It was asked to end. Like the real one: a camera it does not know is not answered. */
  close(cameraId: string): void {
    if (this.#end(cameraId)) {
      this.#frames.addNews({ type: 'camera-closed', cameraId, reason: 'closed', requested: true });
    }
  }

  /** It goes away by itself. */
  goAway(cameraId: string, reason: string): void {
    this.#end(cameraId);
    this.#frames.addNews({ type: 'camera-closed', cameraId, reason, requested: false });
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

  stopAll(): void {
    for (const camera of this.#open.values()) if (camera.timer !== null) clearInterval(camera.timer);
  }

  #end(cameraId: string): boolean {
    const camera = this.#open.get(cameraId);
    if (camera === undefined) return false;
    if (camera.timer !== null) clearInterval(camera.timer);
    return this.#open.delete(cameraId);
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
