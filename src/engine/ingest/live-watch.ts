import { crc32 } from 'node:zlib';
import type { Frame } from 'node-av/lib';
import type { Clock } from '../../core/ports.ts';
import type { CameraHealth, CameraWatchSettings } from '../../shared/engine/protocol.ts';
import { planeOf } from './frame-scaler.ts';
import { FrozenPicture } from './frozen-picture.ts';
import type { LiveFrame } from './live-source.ts';
import { MediaFault } from './media-fault.ts';
import { SilenceWatch } from './silence-watch.ts';

const tickMs = 100;
/** Before a camera's first picture nothing is known of its interval: it may take longer than those after it. */
const firstPicture = 1.5;
/** Told again when the camera's clock was seen to be off by so much more or less. */
const clockStepMs = 20;

export interface WatchedSource {
  readonly facts: { readonly codec: string; readonly fps: number | null };
  readonly keyframes: number;
  readonly clockOffsetMs: number | null;
}

/**
 * Watches one network camera from the first try to its end: ends it, through `signal`, when it does not answer in time, sends
 * no picture any more, or is to be closed, and tells how it is whenever that changes.
 */
export class LiveWatch {
  readonly #settings: CameraWatchSettings;
  readonly #openTimeoutMs: number;
  readonly #clock: Clock;
  readonly #tell: (health: CameraHealth) => void;
  readonly #ending = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #frozen: FrozenPicture;
  readonly #startedMonoMs: number;
  #silence: SilenceWatch | null = null;
  #isShown = false;
  #told: CameraHealth | null = null;

  /** @param listen called every tick; what it throws ends the source. */
  constructor(
    settings: CameraWatchSettings,
    openTimeoutMs: number,
    clock: Clock,
    { listen, tell }: { readonly listen: () => void; readonly tell: (health: CameraHealth) => void },
  ) {
    this.#settings = settings;
    this.#openTimeoutMs = openTimeoutMs;
    this.#clock = clock;
    this.#tell = tell;
    this.#startedMonoMs = clock.monoMs();
    this.#frozen = new FrozenPicture(settings.frozenMs, settings.changes);
    this.#timer = setInterval(() => {
      try {
        listen();
        this.#look();
      } catch (reason) {
        this.close();
        this.#ending.abort(reason);
      }
    }, tickMs);
  }

  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  readonly answered = (): void => {
    const { silentMs, intervalMs } = this.#settings;
    this.#silence = new SilenceWatch(silentMs * firstPicture, intervalMs, this.#clock.monoMs());
  };

  /** A picture came, whatever it shows. @param fps what the source says of itself; null: nothing */
  came(fps: number | null): void {
    const nowMs = this.#clock.monoMs();
    if (!this.#isShown) {
      const { silentMs, intervalMs } = this.#settings;
      this.#silence = new SilenceWatch(silentMs, intervalMs ?? (fps === null ? null : 1000 / fps), nowMs);
      this.#isShown = true;
    }
    this.#silence?.picture(nowMs);
  }

  picture({ frame }: LiveFrame, source: WatchedSource): void {
    this.came(source.facts.fps);
    const nowMs = this.#clock.monoMs();
    this.#frozen.look(nowMs, source.keyframes, () => signatureOf(frame));
    const { width, height } = frame;
    const health: CameraHealth = {
      width,
      height,
      frozen: this.#frozen.isFrozen,
      changes: this.#frozen.changes,
      clockOffsetMs: source.clockOffsetMs,
      intervalMs: this.#silence?.intervalMs ?? null,
    };
    if (!isNews(health, this.#told)) return;
    this.#told = health;
    this.#tell(health);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const nowMs = this.#clock.monoMs();
    if (this.#silence === null) {
      if (nowMs - this.#startedMonoMs <= this.#openTimeoutMs) return;
      throw new MediaFault('timed-out', 'The camera did not answer in time.');
    }
    if (!this.#silence.isSilent(nowMs)) return;
    const seconds = String(Math.round(this.#silence.limitMs / 1000));
    throw new MediaFault(
      'timed-out',
      this.#isShown
        ? `The camera sent no picture for ${seconds} s.`
        : `The camera answered, but sent no picture for ${seconds} s.`,
    );
  }
}

function isNews(now: CameraHealth, told: CameraHealth | null): boolean {
  if (told === null) return true;
  if (now.width !== told.width || now.height !== told.height) return true;
  if (now.frozen !== told.frozen || now.changes !== told.changes) return true;
  if (differs(now.clockOffsetMs, told.clockOffsetMs, clockStepMs)) return true;
  return differs(now.intervalMs, told.intervalMs, Math.max(100, (told.intervalMs ?? 0) / 2));
}

const differs = (now: number | null, told: number | null, by: number): boolean =>
  now === null || told === null ? now !== told : Math.abs(now - told) > by;

/** CRC-32 over every brightness of the picture, without the rows' padding. */
function signatureOf(frame: Frame): number {
  const { bytes, strideBytes } = planeOf(frame);
  const { width, height } = frame;
  let crc = 0;
  for (let row = 0; row < height; row++) crc = crc32(bytes.subarray(row * strideBytes, row * strideBytes + width), crc);
  return crc;
}
