import { engineEnd, type EngineEnd } from '../../core/jobs/suspects.ts';
import type { EngineState } from '../../shared/domain/system.ts';
import {
  engineProtocolVersion,
  type EngineReplies,
  type EngineRequest,
  type FromEngine,
  type ToEngine,
} from '../../shared/engine/protocol.ts';
import { NightshiftError } from '../../shared/errors.ts';
import type { EngineChannel, EngineExit } from '../ports.ts';
import type { EngineHostOptions, EngineListener, KillCause } from './engine-host-ports.ts';
import { PendingRequests } from './pending-requests.ts';
import type { ChosenModel } from './provider-keeper.ts';
import { RestartPolicy } from './restart-policy.ts';
import { ToldState } from './told-state.ts';

export type * from './engine-host-ports.ts';

const READY_TIMEOUT_MS = 20_000;
const REQUEST_TIMEOUT_MS = 60_000;
const MEMORY_CHECK_MS = 2_000;
const STOP_TIMEOUT_MS = 2_000;
const KILL_TIMEOUT_MS = 1_000;

/**
 * Keeps one engine child alive: starts it, times its calls, watches its memory from outside, and starts another one
 * when it goes away. An engine's end is an event, not an error: listeners hear `lost`, and later `ready`.
 *
 * It times the call, never a ping: the engine's main thread is the slot, so a busy engine cannot answer one.
 */
export class EngineHost {
  readonly #options: EngineHostOptions;
  readonly #listeners = new Set<EngineListener>();
  readonly #requests = new PendingRequests();
  readonly #restarts = new RestartPolicy();
  readonly #told: ToldState;
  #channel: EngineChannel | null = null;
  #ready = false;
  #stopping = false;
  #stopped: Promise<void> | null = null;
  /** Set while we are the ones who end the child, with the reason in words. */
  #killReason: { text: string; cause: KillCause } | null = null;
  #callTimer: ReturnType<typeof setTimeout> | null = null;
  #memoryTimer: ReturnType<typeof setInterval> | null = null;
  #restartTimer: ReturnType<typeof setTimeout> | null = null;
  #exited: (() => void) | null = null;
  #recycleAsked = false;
  #versions: Readonly<Record<string, string>> = {};
  #tellVersions: (versions: Readonly<Record<string, string>>) => void = () => undefined;
  /** Resolves when the first engine is ready. */
  readonly whenVersions = new Promise<Readonly<Record<string, string>>>((resolve) => {
    this.#tellVersions = resolve;
  });

  constructor(options: EngineHostOptions) {
    this.#options = options;
    const epochMs = (): number => options.clock.epochMs();
    const first: EngineState = {
      state: 'starting',
      sinceMs: epochMs(),
      pid: null,
      device: 'CPU',
      provider: options.providers[0] ?? 'cpu',
      providersTried: [],
      threads: options.intraOpThreads,
      residentBytes: null,
      restarts: 0,
      detail: 'Starting the engine',
    };
    this.#told = new ToldState(first, epochMs, (state) => {
      for (const listener of this.#listeners) listener.state(state);
    });
  }

  get state(): EngineState {
    return this.#told.now;
  }

  get versions(): Readonly<Record<string, string>> {
    return this.#versions;
  }

  /** What it holds may double without the engine being replaced for it; true while it is not known. */
  get hasMemoryToDouble(): boolean {
    return 2 * (this.state.residentBytes ?? 0) <= this.#options.memory.softBytes;
  }

  /** Processor time that the running engine has used, in core-ms; null where there is none, or it cannot be read. */
  processorMs(): Promise<number | null> {
    return this.#channel?.processorMs() ?? Promise.resolve(null);
  }

  get isReady(): boolean {
    return this.#ready;
  }

  listen(listener: EngineListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  start(): void {
    this.#spawn();
  }

  /** Dropped without a word when there is no engine: `lost` has been told and `ready` will be. */
  send(message: ToEngine): void {
    if (this.#channel !== null && this.#ready) this.#channel.send(message);
  }

  /** Rejects with `engine-lost` when the engine goes away first, `timed-out` after `timeoutMs`. */
  request<R extends EngineRequest>(request: R, timeoutMs = REQUEST_TIMEOUT_MS): Promise<EngineReplies[R['type']]> {
    const channel = this.#channel;
    if (channel === null || !this.#ready) {
      return Promise.reject(
        new NightshiftError({
          kind: 'engine-lost',
          message: 'The engine is not running yet.',
          hint: 'It starts by itself; try again in a moment.',
        }),
      );
    }
    return this.#requests.ask(request, timeoutMs, (message) => {
      channel.send(message);
    });
  }

  /** A native call has begun. It cannot be aborted from outside, so an overdue one costs the engine. */
  callStarted(limitMs: number, what: string): void {
    this.callEnded();
    this.#callTimer = setTimeout(() => {
      this.kill(`${what} took longer than ${String(Math.round(limitMs / 1000))} s`, 'hung-call');
    }, limitMs);
  }

  callEnded(): void {
    if (this.#callTimer !== null) clearTimeout(this.#callTimer);
    this.#callTimer = null;
  }

  /** Ends the child now; another one starts by itself. */
  kill(reason: string, cause: KillCause): void {
    if (this.#channel === null || this.#killReason !== null) return;
    this.#killReason = { text: reason, cause };
    this.#ready = false; // nothing more is asked of it
    this.#channel.kill();
  }

  /** What the engine is doing, in words, and whether it is still warming up. */
  describe(state: 'warming' | 'ready', detail: string): void {
    if (this.#ready) this.#told.describe(state, detail);
  }

  /** Something is tried out that models wait for: told instead of what the engine does. Null: it is over. */
  describeTrial(detail: string | null): void {
    this.#told.trial(detail, this.#ready);
  }

  /** Null where it is known what the model runs on; else resolves once it is. */
  settleProviders(model: ChosenModel): Promise<void> | null {
    return this.#options.chooser?.settle(model) ?? null;
  }

  /** Opens the model on what was chosen for it. Rejects like `request`. */
  async loadModel(model: ChosenModel, timeoutMs: number): Promise<EngineReplies['load-model']> {
    const { file, manifest } = model;
    const { chooser } = this.#options;
    const providers = chooser?.choice(manifest.sha256).providers;
    const request = { type: 'load-model', modelId: manifest.id, file, manifest } as const;
    const loaded = await this.request(providers === undefined ? request : { ...request, providers }, timeoutMs);
    const { tried } = chooser?.opened(model, loaded) ?? loaded;
    const { live, archive } = loaded.providers;
    this.#told.change({
      device: chooser?.deviceOf(live) ?? this.state.device,
      provider: live === archive ? live : `${live} (cameras), ${archive} (scans)`,
      providersTried: tried,
    });
    return loaded;
  }

  /** Asks the engine to end, kills it after 2 s, and is over after 3 s at the latest. No other one is started. */
  stop(): Promise<void> {
    return (this.#stopped ??= this.#stop());
  }

  async #stop(): Promise<void> {
    this.#stopping = true;
    if (this.#restartTimer !== null) clearTimeout(this.#restartTimer);
    this.#restartTimer = null;
    const channel = this.#channel;
    if (channel === null) {
      this.#told.change({ state: 'stopped', detail: 'Stopped' });
      return;
    }
    const gone = new Promise<void>((resolve) => {
      this.#exited = resolve;
    });
    channel.send({ type: 'stop' });
    const killTimer = setTimeout(() => {
      channel.kill();
    }, STOP_TIMEOUT_MS);
    const leaveTimer = setTimeout(() => {
      this.#options.log.error('the engine did not end when it was killed', { pid: channel.pid });
      this.#onExit({ code: null, signal: null });
    }, STOP_TIMEOUT_MS + KILL_TIMEOUT_MS);
    await gone;
    clearTimeout(killTimer);
    clearTimeout(leaveTimer);
  }

  #spawn(): void {
    this.#restartTimer = null;
    this.#options.spawn().then(
      (channel) => {
        this.#attach(channel);
      },
      (caught: unknown) => {
        if (this.#stopping) return;
        const text = caught instanceof Error ? caught.message : String(caught);
        this.#options.log.error('engine could not be started', { text });
        this.#goneBecause(`The engine could not be started: ${text}`, 'ended-from-outside');
      },
    );
  }

  #attach(channel: EngineChannel): void {
    if (this.#stopping) {
      channel.kill();
      return;
    }
    this.#channel = channel;
    this.#recycleAsked = false;
    this.#options.log.info('engine started', { pid: channel.pid });
    this.#told.change({ state: 'starting', pid: channel.pid, residentBytes: null, detail: 'Starting the engine' });
    const readyTimer = setTimeout(() => {
      this.kill(`it did not answer within ${String(READY_TIMEOUT_MS / 1000)} s of its start`, 'hung-call');
    }, READY_TIMEOUT_MS);
    channel.onMessage((message) => {
      if (message.type === 'ready') clearTimeout(readyTimer);
      this.#receive(message);
    });
    channel.onExit((exit) => {
      clearTimeout(readyTimer);
      this.#onExit(exit);
    });
    const { providers, intraOpThreads, archiveWindow, maxPixels } = this.#options;
    channel.send({
      type: 'configure',
      protocol: engineProtocolVersion,
      providers,
      intraOpThreads,
      archiveWindow,
      maxPixels,
    });
    this.#memoryTimer = setInterval(() => void this.#checkMemory(channel), MEMORY_CHECK_MS);
  }

  #receive(message: FromEngine): void {
    switch (message.type) {
      case 'ready':
        if (message.protocol !== engineProtocolVersion) {
          this.kill(
            `it speaks protocol ${String(message.protocol)}, not ${String(engineProtocolVersion)}`,
            'hung-call',
          );
          return;
        }
        this.#versions = message.versions;
        this.#tellVersions(message.versions);
        this.#ready = true;
        this.#told.does('warming', 'Loading the model');
        for (const listener of this.#listeners) listener.ready();
        return;
      case 'reply':
      case 'refused':
        this.#requests.answered(message);
        return;
      default:
        for (const listener of this.#listeners) listener.message(message);
    }
  }

  #onExit(exit: EngineExit): void {
    this.callEnded();
    if (this.#memoryTimer !== null) clearInterval(this.#memoryTimer);
    this.#memoryTimer = null;
    this.#channel = null;
    this.#ready = false;
    if (this.#stopping) {
      this.#requests.fail('Nightshift is stopping.');
      this.#told.change({ state: 'stopped', pid: null, residentBytes: null, detail: 'Stopped' });
      this.#exited?.();
      return;
    }
    this.#told.forgetTrial();
    const ours = this.#killReason;
    this.#killReason = null;
    const end = engineEnd(exit, ours?.cause ?? null);
    const text =
      ours !== null
        ? `The engine was replaced: ${ours.text}`
        : end === 'ended-from-outside'
          ? `The engine was ended from outside (${exit.signal ?? `code ${String(exit.code)}`})`
          : `The engine ended by itself (${exit.signal ?? `code ${String(exit.code)}`})`;
    this.#goneBecause(text, end);
  }

  #goneBecause(text: string, end: EngineEnd): void {
    const retryInMs = this.#restarts.next(this.#options.clock.monoMs());
    this.#options.log.warn(text, { retryInMs, end });
    const whilePreparing = this.#requests.isPreparing;
    this.#requests.fail(text);
    this.#told.change({
      state: 'lost',
      pid: null,
      residentBytes: null,
      restarts: this.state.restarts + 1,
      detail:
        retryInMs < 1000
          ? `${text}; a new one is starting`
          : `${text}; trying again in ${String(Math.round(retryInMs / 1000))} s`,
    });
    for (const listener of this.#listeners) listener.lost({ text, end, retryInMs, whilePreparing });
    this.#restartTimer = setTimeout(() => {
      this.#spawn();
    }, retryInMs);
  }

  async #checkMemory(channel: EngineChannel): Promise<void> {
    const bytes = await channel.residentBytes();
    if (bytes === null || channel !== this.#channel) return;
    this.#told.noteMemory(bytes);
    const { softBytes, hardBytes } = this.#options.memory;
    if (bytes > hardBytes) {
      this.kill(`it held ${gib(bytes)} of memory, over its limit of ${gib(hardBytes)}`, 'memory');
    } else if (bytes > softBytes && !this.#recycleAsked) {
      this.#recycleAsked = true;
      for (const listener of this.#listeners) listener.recycle();
    }
  }
}

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
