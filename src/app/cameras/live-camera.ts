import type { Camera, CameraState, CameraStatus, CameraStretch, OfflineReason } from '../../shared/domain/camera.ts';
import type { CameraTrouble } from '../../shared/domain/camera-health.ts';
import type { CameraHealth, CameraNews } from '../../shared/engine/protocol.ts';
import { describeError, toErrorValue } from '../../shared/errors.ts';
import type { AddressRules } from '../../shared/network-address.ts';
import { redactAddresses } from '../../shared/redact-addresses.ts';
import type { PreparedWork } from '../models/work.ts';
import type { CameraServiceDeps } from './camera-service.ts';
import { CameraDecoder } from './camera-decoder.ts';
import { CameraFrames } from './camera-frames.ts';
import { LargeStream } from './large-stream.ts';
import type { LiveResults } from './live-results.ts';
import { latencyFrom } from './camera-url.ts';
import { troubleWords } from './health-words.ts';
import { ReconnectBackoff } from './reconnect.ts';
import { SeenSource } from './seen-source.ts';

const PREVIEW = { maxWidth: 640, maxFps: 10 } as const;
/** Frames that wait when a camera is closed still get their result if it comes soon. */
const DRAIN_MS = 1_000;
/** The engine answers `camera-closed` within its own time-out; after this the camera counts as closed anyway. */
const CLOSE_LIMIT_MS = 3_000;
/** A model that was too slow is measured again by one run, so seldom that it takes a hundredth of the device at most. */
const MEASURED_SHARE = 0.01;

export interface CameraStart {
  /** With their logins: they go into the messages that open them, and nowhere else. */
  readonly addresses: { readonly small: string; readonly large: string | null };
  /** The rules that its address has to keep to, now. */
  readonly reach: () => AddressRules;
  readonly work: PreparedWork;
  readonly results: LiveResults;
  readonly staggerMs: number;
  /** Another camera waits for its next try. */
  readonly othersAway: () => boolean;
  /** Null: it is switched off. */
  readonly became: (state: CameraStretch['state'] | null, reason?: string) => void;
}

type Phase =
  | { readonly name: 'opening' }
  | { readonly name: 'live'; readonly sinceMonoMs: number }
  | { readonly name: 'waiting'; readonly retryAtMonoMs: number }
  | { readonly name: 'engine-lost' }
  | { readonly name: 'closing' }
  | { readonly name: 'closed' };

/**
 * One camera that is switched on: opened in the engine, opened again with backoff when it goes away, and accounted for
 * frame by frame. captured = analysed + dropped(reason) at every moment at which nothing waits.
 */
export class LiveCamera {
  readonly #camera: Camera;
  readonly #address: string;
  readonly #reach: CameraStart['reach'];
  readonly #work: PreparedWork;
  readonly #staggerMs: number;
  readonly #deps: CameraServiceDeps;
  readonly #frames: CameraFrames;
  readonly #seen = new SeenSource();
  readonly #decoder: CameraDecoder;
  readonly #results: LiveResults;
  /** Null: it has one stream for everything. */
  readonly #large: LargeStream | null;
  readonly #backoff: ReconnectBackoff;
  readonly #othersAway: () => boolean;
  readonly #became: CameraStart['became'];
  #phase: Phase = { name: 'opening' };
  /** The newest; what is told of those before it is over. */
  #opening = 0;
  #offline: { sinceMs: number; reason: string } | null = null;
  #retryTimer: ReturnType<typeof setTimeout> | null = null;
  #closed: (() => void) | null = null;
  /** This engine was asked to open the source, and has not said that it is closed. */
  #asked = false;
  #askedMonoMs = 0;

  constructor(camera: Camera, start: CameraStart, deps: CameraServiceDeps) {
    this.#camera = camera;
    this.#address = start.addresses.small;
    this.#reach = start.reach;
    const { large } = start.addresses;
    this.#large = large === null ? null : new LargeStream(camera, large, start.reach, deps);
    this.#work = start.work;
    this.#staggerMs = start.staggerMs;
    this.#deps = deps;
    this.#results = start.results;
    this.#frames = new CameraFrames(camera, start.results, deps);
    this.#decoder = new CameraDecoder(camera, deps);
    this.#othersAway = start.othersAway;
    this.#became = start.became;
    this.#backoff = new ReconnectBackoff(deps.random, deps.times);
  }

  /** Joins the lane and opens the source as soon as the model is warm. */
  open(): void {
    const { lanes, engine } = this.#deps;
    lanes.openCamera({
      cameraId: this.#camera.id,
      name: this.#camera.name,
      sloMs: this.#camera.sloMs,
      weight: this.#camera.weight,
      shape: this.#work.shape,
      work: this.#work,
      refused: (caught) => {
        this.#refused(caught);
      },
      sink: this.#frames.sink,
    });
    if (!engine.isReady) return;
    this.#large?.engineIsReady();
    this.#openSource();
  }

  engineIsReady(): void {
    if (this.#phase.name === 'closing' || this.#phase.name === 'closed') return;
    this.#large?.engineIsReady();
    this.#openSource();
  }

  engineLost(text: string): void {
    this.#asked = false;
    this.#decoder.closed();
    this.#large?.engineLost();
    if (this.#phase.name === 'closing' || this.#phase.name === 'closed') {
      this.#closed?.();
      return;
    }
    this.#clearRetry();
    this.#deps.lanes.cameraAway(this.#camera.id);
    this.#phase = { name: 'engine-lost' };
    this.#offline ??= { sinceMs: this.#deps.clock.epochMs(), reason: text };
    this.#thaw();
    this.#became('offline', text);
  }

  largeMessage(message: CameraNews): void {
    this.#large?.message(message);
  }

  message(message: CameraNews): void {
    // Of the camera as it was before: its end was not waited for any longer.
    if (message.opening !== this.#opening) return;
    if (message.type === 'camera-closed') {
      this.#asked = false;
      this.#decoder.closed();
      this.#large?.smallIsClosed();
    }
    if (message.type === 'camera-decoder') {
      this.#decoder.is(message.decoder);
      this.#seen.decoderIs(message.decoder);
      return;
    }
    if (message.type === 'camera-opened') {
      if (this.#phase.name === 'closing' || this.#phase.name === 'closed') return;
      const { width, height } = message;
      this.#seen.opened(message);
      this.#decoder.is(message.decoder);
      this.#phase = { name: 'live', sinceMonoMs: this.#deps.clock.monoMs() };
      this.#deps.lanes.cameraLive(this.#camera.id, { width, height });
      this.#offline = null;
      void this.#deps.notices.clear(`camera-offline:${this.#camera.id}`);
      this.#became('live');
      return;
    }
    if (message.type === 'camera-health') {
      if (this.#phase.name === 'live') this.#healthIs(message);
      return;
    }
    if (this.#phase.name === 'closing' || message.requested) {
      this.#closed?.();
      return;
    }
    const { clock } = this.#deps;
    const nowMonoMs = clock.monoMs();
    const liveSinceMs = this.#phase.name === 'live' ? this.#phase.sinceMonoMs : null;
    const lastTry = {
      livedMs: liveSinceMs === null ? 0 : nowMonoMs - liveSinceMs,
      triedMs: liveSinceMs === null ? nowMonoMs - this.#askedMonoMs : 0,
      awayMs: this.#awayMs(),
      herd: this.#othersAway(),
    };
    // Decoders name the address that they could not open, with all that stands in it.
    this.#away(redactAddresses(message.reason), this.#backoff.next(lastTry));
  }

  watched(maxFps: number): void {
    const { engine, pictures } = this.#deps;
    const { id: cameraId } = this.#camera;
    const maxWidth = pictures.watchedWidth(cameraId) ?? PREVIEW.maxWidth;
    engine.send({ type: 'watch-camera', cameraId, on: maxFps > 0, maxFps, maxWidth });
  }

  /** Somebody decodes its packets, or nobody any longer. */
  streamed(on: boolean): void {
    if (this.#large !== null) this.#large.enlarged(on);
    else this.#deps.engine.send({ type: 'stream-camera', cameraId: this.#camera.id, on });
  }

  /** Whether hardware decodes it, or is about to. */
  get hardware(): 'beginning' | 'working' | null {
    return this.#decoder.hardware;
  }

  get isAway(): boolean {
    return this.#phase.name === 'waiting';
  }

  status(): CameraStatus {
    return {
      cameraId: this.#camera.id,
      state: this.#state(),
      offline: this.#offlineReason(),
      ...this.#seen.status,
      health: this.#trouble(),
      large: this.#large?.status ?? null,
      latencyFrom: latencyFrom(this.#camera.url),
      ...this.#frames.status,
      sloMs: this.#camera.sloMs,
    };
  }

  /** Results that wait to be stored, and those that could not be. */
  get results(): { readonly waiting: number; readonly givenUp: number } {
    const { waiting, givenUp } = this.#results;
    return { waiting, givenUp };
  }

  /** Takes no more frames, waits a moment for those under way, drops the rest as `stopped`, commits. */
  async close(): Promise<void> {
    const { engine, lanes } = this.#deps;
    this.#clearRetry();
    this.#phase = { name: 'closing' };
    this.#thaw();
    this.#became(null);
    const largeIsClosed = this.#large?.close();
    if (this.#asked && engine.isReady) {
      const answered = new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => {
          resolve(false);
        }, CLOSE_LIMIT_MS);
        this.#closed = () => {
          clearTimeout(timer);
          resolve(true);
        };
      });
      engine.send({ type: 'close-camera', cameraId: this.#camera.id });
      // An engine that does not answer this will not answer for frames either.
      if (await answered) await lanes.drainCamera(this.#camera.id, DRAIN_MS);
    }
    lanes.closeCamera(this.#camera.id);
    await largeIsClosed;
    this.#decoder.end();
    await this.#results.close();
    this.#phase = { name: 'closed' };
  }

  /** `measuresAgain`: its model is known to be too slow, and may not be any more. */
  #openSource(measuresAgain = false): void {
    const { lanes, engine, pictures, packets, nextOpening } = this.#deps;
    const opening = nextOpening();
    this.#opening = opening;
    this.#phase = { name: 'opening' };
    // Closed meanwhile, or begun anew: what an engine was asked that ended is answered once the next one is warm, too.
    const isOver = (): boolean => this.#opening !== opening || this.#phase.name !== 'opening';
    const prepared = measuresAgain ? lanes.measureAgain(this.#work, 'live') : lanes.prepare(this.#work, 'live');
    const settling = this.#decoder.settle();
    const ready: Promise<unknown> = settling === null ? prepared : Promise.all([prepared, settling]);
    ready.then(
      () => {
        if (isOver() || !engine.isReady) return;
        if (!this.#isAdmitted()) return;
        this.#asked = true;
        this.#askedMonoMs = this.#deps.clock.monoMs();
        const recording =
          this.#large === null ? (this.#deps.recordings?.orderFor(this.#camera) ?? null) : this.#large.smallOpens();
        engine.send({
          type: 'open-camera',
          cameraId: this.#camera.id,
          opening,
          url: this.#address,
          reach: this.#reach(),
          analysisFps: this.#camera.analysisFps,
          input: this.#work.shape.input,
          multipleOf: this.#work.model.manifest.input.multipleOf,
          padding: this.#work.padding,
          motionGate: this.#camera.motionGate,
          staggerMs: this.#staggerMs,
          openTimeoutMs: this.#deps.times.openMs,
          transport: this.#camera.transport,
          watch: {
            silentMs: this.#deps.times.silentMs,
            frozenMs: this.#deps.times.frozenMs,
            ...this.#seen.learnt,
          },
          ...this.#decoder.asked(),
          preview: PREVIEW,
          ...(recording === null ? {} : { recording }),
        });
        this.watched(pictures.watchedFps(this.#camera.id));
        this.#large?.smallWasAsked();
        if (this.#large === null && packets.isWatched(this.#camera.id)) this.streamed(true);
      },
      (caught: unknown) => {
        if (!isOver()) this.#cannotBeAnalysed(caught);
      },
    );
  }

  /** One run is measured by now: what it means for the promise is said before the first frame. */
  #isAdmitted(): boolean {
    const { lanes, notices } = this.#deps;
    const { id, name } = this.#camera;
    try {
      const broken = lanes.admit(this.#work, 'live', this.#camera);
      if (broken === null) void notices.clear(`camera-promise:${id}`);
      else void notices.raise('warning', `camera-promise:${id}`, `${name} cannot keep its promise here: ${broken}.`);
      return true;
    } catch (caught) {
      this.#cannotBeAnalysed(caught);
      this.#measureLater();
      return false;
    }
  }

  /** A slow spell of the machine must keep no camera away for good: its model is measured again, now and then. */
  #measureLater(): void {
    const { lanes } = this.#deps;
    const runMs = lanes.predictMs(this.#work.shape, 'live', 1) ?? 0;
    const backoffMs = this.#backoff.next({ livedMs: 0, triedMs: 0, awayMs: this.#awayMs(), herd: this.#othersAway() });
    this.#tryAgain(Math.max(backoffMs, runMs / MEASURED_SHARE), true);
  }

  /** Its pictures have a size in which the model does not run: no other picture of it will do better. */
  #refused(caught: unknown): void {
    if (this.#phase.name === 'closing' || this.#phase.name === 'closed') return;
    this.#phase = { name: 'opening' };
    this.#deps.engine.send({ type: 'close-camera', cameraId: this.#camera.id });
    this.#asked = false;
    this.#large?.smallIsClosed();
    this.#deps.lanes.cameraAway(this.#camera.id);
    this.#cannotBeAnalysed(caught);
  }

  #cannotBeAnalysed(caught: unknown): void {
    const { clock, log, notices } = this.#deps;
    const { id, name } = this.#camera;
    const reason = describeError(toErrorValue(caught));
    log.error('camera cannot be analysed', { camera: name, reason });
    this.#offline = { sinceMs: this.#offline?.sinceMs ?? clock.epochMs(), reason };
    this.#became('offline', reason);
    void notices.raise('error', `camera-offline:${id}`, `${name} cannot be analysed: ${reason}`);
  }

  #away(reason: string, retryInMs: number): void {
    const { clock, notices, log, lanes } = this.#deps;
    lanes.cameraAway(this.#camera.id);
    log.warn('camera is away', { camera: this.#camera.name, reason, retryInMs });
    this.#offline ??= { sinceMs: clock.epochMs(), reason };
    this.#offline = { ...this.#offline, reason };
    this.#thaw();
    this.#became('offline', reason);
    void notices.raise('warning', `camera-offline:${this.#camera.id}`, `${this.#camera.name} is offline: ${reason}`);
    this.#tryAgain(retryInMs);
  }

  #tryAgain(inMs: number, measuresAgain = false): void {
    const { clock, engine } = this.#deps;
    this.#phase = { name: 'waiting', retryAtMonoMs: clock.monoMs() + inMs };
    this.#clearRetry();
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = null;
      if (engine.isReady) this.#openSource(measuresAgain);
      else this.#phase = { name: 'engine-lost' };
    }, inMs);
  }

  #awayMs(): number {
    return this.#offline === null ? 0 : this.#deps.clock.epochMs() - this.#offline.sinceMs;
  }

  /** A live network camera told how it is. */
  #healthIs(health: CameraHealth): void {
    const { clock, notices } = this.#deps;
    const { id, name } = this.#camera;
    const changed = this.#seen.healthIs(health, clock.epochMs());
    if (changed === 'froze') {
      void notices.raise('warning', `camera-frozen:${id}`, `${name} ${troubleWords.frozen}`);
      this.#became('frozen');
    } else if (changed === 'thawed') {
      void notices.clear(`camera-frozen:${id}`);
      this.#became('live');
    }
  }

  #thaw(): void {
    if (this.#seen.thaw()) void this.#deps.notices.clear(`camera-frozen:${this.#camera.id}`);
  }

  /** A picture that stands still says nothing else of the view. */
  #trouble(): CameraTrouble | null {
    if (this.#phase.name !== 'live') return null;
    const sinceMs = this.#seen.status.frozenSinceMs;
    if (sinceMs !== null) return { kind: 'frozen', sinceMs, says: troubleWords.frozen };
    return this.#deps.health?.troubleOf(this.#camera.id) ?? null;
  }

  #state(): CameraState {
    switch (this.#phase.name) {
      case 'live':
        return 'live';
      case 'opening':
        return this.#offline === null ? 'opening' : 'offline';
      case 'waiting':
      case 'engine-lost':
        return 'offline';
      case 'closing':
      case 'closed':
        return 'disabled';
    }
  }

  #offlineReason(): OfflineReason | null {
    if (this.#offline === null || this.#phase.name === 'live') return null;
    const retryInMs =
      this.#phase.name === 'waiting'
        ? Math.max(0, Math.round(this.#phase.retryAtMonoMs - this.#deps.clock.monoMs()))
        : null;
    return { ...this.#offline, retryInMs };
  }

  #clearRetry(): void {
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    this.#retryTimer = null;
  }
}
