import { decodeOrder, toldDevice, type TriedDevice } from '../../core/decoding/choose-decoder.ts';
import type { EngineEnd } from '../../core/jobs/suspects.ts';
import type { Clock } from '../../core/ports.ts';
import {
  decodeModes,
  hardwareNames,
  type DecodeMode,
  type DecoderState,
  type HardwareDecoder,
} from '../../shared/domain/decoding.ts';
import type { DecodeOrder, DecoderTrial } from '../../shared/engine/decoding.ts';
import type { StoreClient } from '../../store/operations.ts';
import { jsonOf } from '../json-of.ts';
import type { Log, SpawnEngine } from '../ports.ts';
import type { DecoderCandidate, LikelyDecoders } from './likely-decoders.ts';
import { askOwnEngine } from './own-engine.ts';

const modeKey = 'hardware-decode';
const trialsKey = 'decoder-trials';
/** A driver that is started for the first time takes seconds, three codecs a second or two more. */
const trialLimitMs = 20_000;
/** So many ends of the engine within this time, while hardware decodes for it: it is left alone. */
const crashesAllowed = 3;
const crashWindowMs = 600_000;
/** What is kept before a trial: where the machine goes down with it, it is not tried by itself again. */
const interrupted = 'Nightshift ended while it was tried; "Try again" in System, Device tries it once more';

export interface DecoderKeeperOptions {
  readonly store: Pick<StoreClient, 'call'>;
  readonly spawn: SpawnEngine;
  readonly clock: Clock;
  readonly log: Log;
  /** Looks at the machine once. */
  readonly likely: () => Promise<LikelyDecoders>;
  /** The only ones that may be tried; null: all. */
  readonly pinned: readonly HardwareDecoder[] | null;
  /** Resolves once an engine has told it. */
  readonly ffmpegVersion: () => Promise<string>;
  /** Cameras may be decoded by something else once they are opened anew. */
  readonly changed: () => void;
}

interface KeptTrials {
  readonly machine: string;
  readonly ffmpeg: string;
  readonly tried: readonly TriedDevice[];
}

/** How many cameras the engine decodes by hardware. */
export interface HardwareAtWork {
  /** No picture has come yet. */
  readonly beginning: number;
  /** Those that are still called, too. */
  readonly working: number;
}

/**
 * Which hardware decodes cameras: tried once per machine and FFmpeg, in engines of their own, and kept. Where no device is
 * there, nothing is tried and nothing waits. What ends or hangs the working engine is left alone until the next start.
 */
export class DecoderKeeper {
  readonly #options: DecoderKeeperOptions;
  readonly #ending = new AbortController();
  #likely: LikelyDecoders = { candidates: [], machine: '' };
  #mode: DecodeMode = 'auto';
  #tried: readonly TriedDevice[] = [];
  #kept: KeptTrials | null = null;
  #settling: Promise<void> | null = null;
  /** One after the other. */
  #trying: Promise<unknown> = Promise.resolve();
  #isTrying = false;
  #crashesAtMs: number[] = [];
  #setAside: string | null = null;

  constructor(options: DecoderKeeperOptions) {
    this.#options = options;
  }

  /** Looks at the machine, and reads what was found before. */
  async load(): Promise<void> {
    const { store, likely, pinned, log } = this.#options;
    const mode = await store.call('settings.get', { key: modeKey });
    this.#mode = decodeModes.find((one) => one === mode) ?? 'auto';
    const found = await likely().catch((caught: unknown): LikelyDecoders => {
      log.warn('it could not be seen which hardware decoders are here', { error: String(caught) });
      return this.#likely;
    });
    const candidates = pinned === null ? found.candidates : found.candidates.filter(isOneOf(pinned));
    this.#likely = { candidates, machine: [found.machine, ...(pinned ?? [])].join(' | ') };
    const text = await store.call('settings.get', { key: trialsKey });
    const kept = text === null ? null : (jsonOf(text) as KeptTrials | null);
    this.#kept = kept?.machine === this.#likely.machine ? kept : null;
    this.#tried = this.#kept?.tried ?? candidates.map(untried);
  }

  get state(): DecoderState {
    return { mode: this.#mode, tried: this.#tried.map(toldDevice), setAside: this.#setAside };
  }

  /** What may decode a camera, as far as is known now. */
  orderFor(camera: DecodeMode): DecodeOrder {
    const { pinned } = this.#options;
    const setAside =
      pinned?.length === 0 ? 'no hardware decoder was allowed when Nightshift was started' : this.#setAside;
    return decodeOrder(this.#tried, { everywhere: this.#mode, camera, setAside });
  }

  /** Null where nothing has to be tried, else resolves once it was. Never rejects: there is always the processor. */
  settle(): Promise<void> | null {
    if (this.#mode === 'off' || this.#likely.candidates.every(({ unlikely }) => unlikely !== null)) return null;
    return (this.#settling ??= this.#settle().catch((caught: unknown) => {
      this.#options.log.error('no hardware decoder could be tried', { error: String(caught) });
    }));
  }

  /** Tries every decoder of this system anew, the unlikely ones too. */
  async tryAll(): Promise<DecoderState> {
    const before = JSON.stringify(this.orderFor('auto'));
    this.#setAside = null;
    await this.#tryInTurn('all');
    if (JSON.stringify(this.orderFor('auto')) !== before) this.#options.changed();
    return this.state;
  }

  async setMode(mode: DecodeMode): Promise<DecoderState> {
    if (mode !== this.#mode) {
      await this.#options.store.call('settings.set', { key: modeKey, value: mode });
      this.#mode = mode;
      this.#options.changed();
    }
    return this.state;
  }

  /** A camera's driver does not answer any more, and will not for others. */
  hung(why: string): void {
    this.#setAside ??= `${why}; it is left alone until the next start`;
  }

  /**
   * The engine ended by itself. While hardware decoded its first pictures that is enough to leave it alone, at the next
   * start too; while it worked, something else may be to blame, so it takes several, and the next start tries again.
   * @returns whether it is left alone from now on
   */
  engineEnded(end: EngineEnd, { beginning, working }: HardwareAtWork): boolean {
    if (end !== 'crashed' || this.#setAside !== null || beginning + working === 0) return false;
    const nowMs = this.#options.clock.monoMs();
    this.#crashesAtMs = [...this.#crashesAtMs.filter((atMs) => nowMs - atMs < crashWindowMs), nowMs];
    if (beginning > 0) {
      const why = 'the engine ended while it decoded its first pictures of a camera; "Try again" tries it once more';
      this.#tried = this.#tried.map((device) => (device.result.works ? failed(device, why) : device));
      if (this.#kept !== null) void this.#keep({ ...this.#kept, tried: this.#tried });
      return true;
    }
    if (this.#crashesAtMs.length <= crashesAllowed) return false;
    const times = String(this.#crashesAtMs.length);
    this.#setAside = `the engine ended ${times} times beside hardware decoding; it is left alone until the next start`;
    return true;
  }

  /** A trial under way ends, and is not held against its device. */
  async close(): Promise<void> {
    this.#ending.abort();
    if (this.#isTrying) await this.#trying;
  }

  async #settle(): Promise<void> {
    if (this.#kept !== null && this.#kept.ffmpeg === (await this.#options.ffmpegVersion())) return;
    await this.#tryInTurn('likely');
  }

  #tryInTurn(which: 'all' | 'likely'): Promise<void> {
    const tried = this.#trying.then(() => this.#tryNow(which));
    this.#trying = tried.catch(() => undefined);
    return tried;
  }

  async #tryNow(which: 'all' | 'likely'): Promise<void> {
    const { signal } = this.#ending;
    if (signal.aborted) return;
    const ffmpeg = await this.#options.ffmpegVersion();
    if (signal.aborted) return;
    this.#isTrying = true;
    await this.#tryEach(ffmpeg, which).finally(() => (this.#isTrying = false));
  }

  async #tryEach(ffmpeg: string, which: 'all' | 'likely'): Promise<void> {
    const { signal } = this.#ending;
    const { candidates, machine } = this.#likely;
    const isTried = ({ unlikely }: DecoderCandidate): boolean => unlikely === null || which === 'all';
    const before = this.#kept;
    const marks = candidates.map((device) => (isTried(device) ? failed(device, interrupted) : untried(device)));
    await this.#keep({ machine, ffmpeg, tried: marks });
    const tried: TriedDevice[] = [];
    for (const device of candidates) {
      const { hardware, path, unlikely } = device;
      const because = unlikely === null ? {} : { unlikely };
      const isAsked = isTried(device);
      tried.push(isAsked ? { hardware, path, result: await this.#try(device), ...because } : untried(device));
      if (signal.aborted) {
        await this.#keep(before);
        return;
      }
    }
    this.#tried = tried;
    this.#options.log.info('hardware decoders tried', { tried: this.state.tried });
    await this.#keep({ machine, ffmpeg, tried });
  }

  async #try({ hardware, path }: DecoderCandidate): Promise<DecoderTrial> {
    const { signal } = this.#ending;
    // Longer than the engine that is asked lives: whoever asks is the one who judges.
    const request = { type: 'try-decoder', hardware, path, limitMs: 2 * trialLimitMs } as const;
    const limits = { providers: ['cpu'], intraOpThreads: 1, limitMs: trialLimitMs, signal };
    const answer = await askOwnEngine(this.#options.spawn, request, limits);
    const name = hardwareNames[hardware];
    return answer.answered ? answer.value : { works: false, why: `${name}: ${answer.why}` };
  }

  /** What cannot be kept is tried again at the next start. */
  async #keep(kept: KeptTrials | null): Promise<void> {
    const { store, log } = this.#options;
    this.#kept = kept;
    await store.call('settings.set', { key: trialsKey, value: JSON.stringify(kept) }).catch((caught: unknown) => {
      log.warn('what hardware decodes could not be kept', { error: String(caught) });
    });
  }
}

type Device = Pick<DecoderCandidate, 'hardware' | 'path'>;

const failed = ({ hardware, path }: Device, why: string): TriedDevice => ({
  hardware,
  path,
  result: { works: false, why },
});

const untried = (device: DecoderCandidate): TriedDevice =>
  failed(device, device.unlikely ?? `${hardwareNames[device.hardware]} was not tried yet`);

const isOneOf =
  (pinned: readonly HardwareDecoder[]) =>
  ({ hardware }: DecoderCandidate): boolean =>
    pinned.includes(hardware);
