import type { CameraStatus } from '../../shared/domain/camera.ts';
import type { DecoderInUse } from '../../shared/domain/decoding.ts';
import type { CameraHealth, CameraNews } from '../../shared/engine/protocol.ts';

type Opened = Extract<CameraNews, { type: 'camera-opened' }>;
type Facts = Pick<CameraStatus, 'width' | 'height' | 'codec' | 'decoder' | 'transport' | 'sourceFps'>;

const nothingYet: Facts = { width: null, height: null, codec: null, decoder: null, transport: null, sourceFps: null };

/** What one camera's engine has told of its source. Outlives connections: what was learnt in one holds in the next. */
export class SeenSource {
  #facts = nothingYet;
  #health: CameraHealth | null = null;
  #frozenSinceMs: number | null = null;

  opened({ width, height, codec, fps, decoder, transport }: Opened): void {
    this.#facts = { width, height, codec, decoder, transport, sourceFps: fps };
  }

  decoderIs(decoder: DecoderInUse): void {
    this.#facts = { ...this.#facts, decoder };
  }

  /** @returns what has changed of its being frozen. */
  healthIs(health: CameraHealth, nowMs: number): 'froze' | 'thawed' | null {
    this.#health = health;
    // A camera may change its size in the middle.
    this.#facts = { ...this.#facts, width: health.width, height: health.height };
    if (!health.frozen) return this.thaw() ? 'thawed' : null;
    if (this.#frozenSinceMs !== null) return null;
    this.#frozenSinceMs = nowMs;
    return 'froze';
  }

  /** It sends nothing any more, or something else. @returns whether it was frozen. */
  thaw(): boolean {
    const wasFrozen = this.#frozenSinceMs !== null;
    this.#frozenSinceMs = null;
    return wasFrozen;
  }

  /** For the watch over its next connection. */
  get learnt(): Pick<CameraHealth, 'intervalMs' | 'changes'> {
    return { intervalMs: this.#health?.intervalMs ?? null, changes: this.#health?.changes ?? false };
  }

  get status(): Facts & Pick<CameraStatus, 'frozenSinceMs' | 'clockOffsetMs'> {
    return {
      ...this.#facts,
      frozenSinceMs: this.#frozenSinceMs,
      clockOffsetMs: this.#health?.clockOffsetMs ?? null,
    };
  }
}
