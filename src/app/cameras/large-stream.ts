import type { Camera, LargeStreamStatus } from '../../shared/domain/camera.ts';
import type { CameraNews } from '../../shared/engine/protocol.ts';
import type { RecordingOrder } from '../../shared/engine/recordings.ts';
import type { AddressRules } from '../../shared/network-address.ts';
import { redactAddresses } from '../../shared/redact-addresses.ts';
import type { CameraServiceDeps } from './camera-service.ts';
import { largeSourceOf } from './large-source.ts';
import { ReconnectBackoff } from './reconnect.ts';

/** The engine answers `camera-closed` within its own time-out; after this the stream counts as closed anyway. */
const CLOSE_LIMIT_MS = 3_000;
/** A tile that is drawn anew, or somebody who goes from one camera to the next and back, finds it open. */
const LINGER_MS = 3_000;

type Phase =
  | { readonly name: 'closed' }
  | { readonly name: 'opening'; readonly askedMonoMs: number }
  | { readonly name: 'live'; readonly sinceMonoMs: number }
  | { readonly name: 'waiting' }
  | { readonly name: 'closing' };

/**
 * A camera's large stream. It is open while the camera is recorded or somebody has enlarged it, nothing of it is decoded
 * here, and whatever becomes of it the small stream and its analysis do not notice: where it is away, the small one is
 * recorded and enlarged in its place until it is back.
 */
export class LargeStream {
  readonly #camera: Camera;
  readonly #source: string;
  readonly #address: string;
  readonly #reach: () => AddressRules;
  readonly #deps: CameraServiceDeps;
  readonly #backoff: ReconnectBackoff;
  #phase: Phase = { name: 'closed' };
  /** The newest; what is told of those before it is over. */
  #opening = 0;
  #order: RecordingOrder | null = null;
  #isEnlarged = false;
  #offline: { readonly sinceMs: number; readonly reason: string } | null = null;
  #facts: Pick<LargeStreamStatus, 'width' | 'height' | 'codec'> = nothingYet;
  /** The small stream is open in this engine. */
  #isSmallOpen = false;
  #retryTimer: ReturnType<typeof setTimeout> | null = null;
  #lingerTimer: ReturnType<typeof setTimeout> | null = null;
  #closed: (() => void) | null = null;
  #isEnded = false;

  constructor(camera: Camera, address: string, reach: () => AddressRules, deps: CameraServiceDeps) {
    this.#camera = camera;
    this.#source = largeSourceOf(camera.id);
    this.#address = address;
    this.#reach = reach;
    this.#deps = deps;
    this.#backoff = new ReconnectBackoff(deps.random, deps.times);
  }

  get status(): LargeStreamStatus {
    const { name } = this.#phase;
    const state =
      this.#offline !== null ? 'offline' : name === 'live' || name === 'opening' ? name : ('closed' as const);
    return { state, reason: this.#offline?.reason ?? null, ...this.#facts };
  }

  engineIsReady(): void {
    if (this.#isEnded) return;
    const { recordings, packets } = this.#deps;
    this.#order = recordings?.orderFor(this.#camera) ?? null;
    this.#isEnlarged = packets.isWatched(this.#camera.id);
    this.#follow();
  }

  engineLost(): void {
    this.#clearRetry();
    this.#clearLinger();
    this.#isSmallOpen = false;
    this.#phase = { name: 'closed' };
    if (this.#offline !== null) void this.#deps.notices.clear(this.#topic);
    this.#offline = null;
    this.#closed?.();
  }

  /** Somebody decodes the camera's packets, or nobody any longer. */
  enlarged(on: boolean): void {
    this.#isEnlarged = on;
    if (this.#offline === null) {
      if (this.#phase.name === 'opening' || this.#phase.name === 'live') this.#stream(this.#source, on);
    } else this.#stream(this.#camera.id, on);
    this.#clearLinger();
    if (on) this.#follow();
    else
      this.#lingerTimer = setTimeout(() => {
        this.#lingerTimer = null;
        this.#follow();
      }, LINGER_MS);
  }

  /** What is recorded of the small stream, which is being opened. */
  smallOpens(): RecordingOrder | null {
    this.#isSmallOpen = true;
    return this.#offline === null ? null : this.#order;
  }

  /** After `smallOpens`, once it has been asked for. */
  smallWasAsked(): void {
    if (this.#isEnlarged && this.#offline !== null) this.#stream(this.#camera.id, true);
  }

  smallIsClosed(): void {
    this.#isSmallOpen = false;
  }

  message(message: CameraNews): void {
    if (message.opening !== this.#opening) return;
    const { clock, log, notices } = this.#deps;
    if (message.type === 'camera-opened') {
      if (this.#phase.name !== 'opening') return;
      const { width, height, codec } = message;
      this.#facts = { width, height, codec };
      this.#phase = { name: 'live', sinceMonoMs: clock.monoMs() };
      if (this.#offline === null) return;
      this.#offline = null;
      void notices.clear(this.#topic);
      log.info('large stream is back', { camera: this.#camera.name });
      this.#standIn(false);
      return;
    }
    if (message.type !== 'camera-closed') return;
    if (this.#phase.name === 'closing') {
      this.#phase = { name: 'closed' };
      this.#closed?.();
      // It was wanted again meanwhile.
      this.#follow();
      return;
    }
    if (this.#phase.name !== 'opening' && this.#phase.name !== 'live') return;
    this.#away(redactAddresses(message.reason), this.#phase);
  }

  async close(): Promise<void> {
    this.#isEnded = true;
    this.#clearLinger();
    this.#order = null;
    this.#isEnlarged = false;
    const isOpen = this.#phase.name === 'opening' || this.#phase.name === 'live' || this.#phase.name === 'closing';
    if (isOpen && this.#deps.engine.isReady) {
      const answered = new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, CLOSE_LIMIT_MS);
        this.#closed = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#follow();
      await answered;
    }
    this.#clearRetry();
    this.#offline = null;
    void this.#deps.notices.clear(this.#topic);
  }

  get #topic(): string {
    return `camera-large:${this.#camera.id}`;
  }

  /** Opens it where it is needed, closes it where it is not. */
  #follow(): void {
    const { engine } = this.#deps;
    const isWanted = this.#order !== null || this.#isEnlarged || this.#lingerTimer !== null;
    // Whoever enlarges it while it is closed for good has come too late: nobody would ever close it again.
    const isNeeded = isWanted && !this.#isEnded;
    if (isNeeded && this.#phase.name === 'closed' && engine.isReady) this.#open();
    if (isNeeded || this.#phase.name === 'closed' || this.#phase.name === 'closing') return;
    if (this.#phase.name === 'waiting') {
      this.#clearRetry();
      this.#phase = { name: 'closed' };
    } else {
      this.#phase = { name: 'closing' };
      engine.send({ type: 'close-camera', cameraId: this.#source });
    }
    this.#offline = null;
    void this.#deps.notices.clear(this.#topic);
  }

  #open(): void {
    const { engine, times, clock, nextOpening } = this.#deps;
    const { analysisFps, transport } = this.#camera;
    this.#opening = nextOpening();
    this.#phase = { name: 'opening', askedMonoMs: clock.monoMs() };
    engine.send({
      type: 'open-camera',
      cameraId: this.#source,
      opening: this.#opening,
      url: this.#address,
      reach: this.#reach(),
      packetsOnly: true,
      ...{ analysisFps, input: { width: 1, height: 1 }, multipleOf: 0, padding: 0, motionGate: false },
      staggerMs: 0,
      openTimeoutMs: times.openMs,
      transport,
      watch: { silentMs: times.silentMs, frozenMs: times.frozenMs, intervalMs: null, changes: false },
      preview: { maxWidth: 1, maxFps: 1 },
      ...(this.#order === null ? {} : { recording: this.#order }),
    });
    // At once: the keyframe that most cameras begin with is not missed. Where the small one stands in, it goes on until then.
    if (this.#isEnlarged && this.#offline === null) this.#stream(this.#source, true);
  }

  #away(reason: string, phase: Extract<Phase, { name: 'opening' | 'live' }>): void {
    const { clock, log, notices } = this.#deps;
    const { name } = this.#camera;
    const nowMonoMs = clock.monoMs();
    const wasAway = this.#offline !== null;
    this.#offline = { sinceMs: this.#offline?.sinceMs ?? clock.epochMs(), reason };
    const retryInMs = this.#backoff.next({
      livedMs: phase.name === 'live' ? nowMonoMs - phase.sinceMonoMs : 0,
      triedMs: phase.name === 'live' ? 0 : nowMonoMs - phase.askedMonoMs,
      awayMs: clock.epochMs() - this.#offline.sinceMs,
      herd: false,
    });
    log.warn('large stream is away', { camera: name, reason, retryInMs });
    const uses = this.#order === null ? 'enlarged' : 'recorded';
    void notices.raise(
      'warning',
      this.#topic,
      `${name} is ${uses} from its small stream because of the large one: ${reason}`,
    );
    if (!wasAway) this.#standIn(true);
    this.#phase = { name: 'waiting' };
    this.#clearRetry();
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = null;
      this.#phase = { name: 'closed' };
      this.#follow();
    }, retryInMs);
  }

  /** The small stream does what the large one did, or no longer. */
  #standIn(on: boolean): void {
    const { id: cameraId } = this.#camera;
    if (this.#order !== null && this.#isSmallOpen) {
      this.#deps.engine.send({ type: 'record-camera', cameraId, recording: on ? this.#order : null });
    }
    if (!this.#isEnlarged) return;
    this.#stream(cameraId, on);
    if (!on) this.#stream(this.#source, true);
  }

  #stream(cameraId: string, on: boolean): void {
    this.#deps.engine.send({ type: 'stream-camera', cameraId, on });
  }

  #clearLinger(): void {
    if (this.#lingerTimer !== null) clearTimeout(this.#lingerTimer);
    this.#lingerTimer = null;
  }

  #clearRetry(): void {
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    this.#retryTimer = null;
  }
}

const nothingYet = { width: null, height: null, codec: null } as const;

/** Of a camera that is switched off. */
export const notOpen: LargeStreamStatus = { state: 'closed', reason: null, ...nothingYet };
