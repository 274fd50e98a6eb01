import type { EngineEnd } from '../../core/jobs/suspects.ts';
import type { Clock } from '../../core/ports.ts';
import { laneNames, type LaneName } from '../../shared/domain/lanes.ts';
import type { InputSize, ModelManifest } from '../../shared/domain/model.ts';
import type { EngineReplies, ProviderAttempt } from '../../shared/engine/protocol.ts';
import type { StoreClient } from '../../store/operations.ts';
import type { Log, SpawnEngine } from '../ports.ts';
import { chooseProviders, type ProviderChoice, type ProviderTrial } from './choose-providers.ts';
import type { LikelyProviders } from './likely-providers.ts';
import { machineText } from './machine-look.ts';
import { tryProvider } from './try-provider.ts';

const SETTING = 'provider-trials';
const MOST_KEPT = 50;
/** A single picture, and a batch that shows whether the device gains from company. */
const BATCHES = [1, 8];
/** So many ends of the engine within this time, while a device works for it: the device is left alone. */
const CRASHES_ALLOWED = 3;
const CRASH_WINDOW_MS = 600_000;

/** A model file and who it is; what `ModelService` finds. */
export interface ChosenModel {
  readonly manifest: ModelManifest;
  readonly file: string;
}

/** Where a lane's sessions run: what measured costs are kept under. */
export interface RunPlace {
  readonly device: string;
  readonly provider: string;
}

export interface ProviderKeeperOptions {
  readonly store: Pick<StoreClient, 'call'>;
  readonly spawn: SpawnEngine;
  readonly clock: Clock;
  readonly log: Log;
  readonly intraOpThreads: number;
  /** Looks at the machine once. */
  readonly likely: () => Promise<LikelyProviders>;
  /** Named by whoever started the application, and then nothing is measured; null: measure. */
  readonly pinned: readonly string[] | null;
  /** Resolves once an engine has told it. */
  readonly onnxruntimeVersion: () => Promise<string>;
  /** What is being tried, in words; null: it is over. */
  readonly trying: (text: string | null) => void;
  /** The model, which is not loaded yet, will run on something else than was thought: other costs are true for it. */
  readonly changed: (modelId: string) => void;
}

interface KeptTrials {
  readonly modelSha256: string;
  readonly machine: string;
  readonly onnxruntime: string;
  readonly trials: readonly ProviderTrial[];
}

/**
 * Which execution provider a model runs on: measured once per machine, model and onnxruntime, in engines of their own,
 * and kept. Until then, and where only the CPU is there, nothing is tried and nothing waits.
 */
export class ProviderKeeper {
  readonly #options: ProviderKeeperOptions;
  #likely: LikelyProviders = { candidates: [{ provider: 'cpu', unlikely: null }], devices: [] };
  #machine = '';
  #kept: readonly KeptTrials[] = [];
  /** By hash of the model. */
  readonly #choices = new Map<string, ProviderChoice>();
  readonly #settling = new Map<string, Promise<void>>();
  /** One after the other: side by side they would slow each other. */
  #measuring: Promise<unknown> = Promise.resolve();
  #crashesAtMs: number[] = [];
  #setAside: string | null = null;

  constructor(options: ProviderKeeperOptions) {
    this.#options = options;
  }

  /** Looks at the machine, and reads what was measured before. */
  async load(): Promise<void> {
    if (this.#options.pinned !== null) return;
    this.#likely = await this.#options.likely();
    this.#machine = machineText(this.#likely);
    const text = await this.#options.store.call('settings.get', { key: SETTING });
    this.#kept = text === null ? [] : (JSON.parse(text) as readonly KeptTrials[]);
    for (const kept of this.#kept) {
      if (kept.machine === this.#machine) this.#choices.set(kept.modelSha256, chooseProviders(kept.trials));
    }
  }

  /** What the model is opened on now. */
  choice(modelSha256: string): ProviderChoice {
    const { pinned } = this.#options;
    const opened = this.#choices.get(modelSha256);
    if (pinned !== null) {
      if (opened !== undefined) return opened;
      const tried = pinned.slice(0, 1).map((provider) => ({ provider, taken: true, why: 'named at the start' }));
      return { providers: { live: pinned, archive: pinned }, tried };
    }
    const choice = opened ?? chooseProviders(this.#unlikelyTrials());
    return this.#setAside === null ? choice : onCpu(choice, this.#setAside);
  }

  /** Where a lane of the model runs. */
  placeOf(modelSha256: string, lane: LaneName): RunPlace {
    const provider = this.choice(modelSha256).providers[lane][0] ?? 'cpu';
    return { device: this.deviceOf(provider), provider };
  }

  /** Everywhere a model may run now. */
  places(): readonly RunPlace[] {
    const providers = new Set(this.#options.pinned ?? ['cpu']);
    for (const { providers: chosen } of this.#choices.values()) {
      for (const provider of [...chosen.live, ...chosen.archive]) providers.add(provider);
    }
    return [...providers].map((provider) => ({ device: this.deviceOf(provider), provider }));
  }

  deviceOf(provider: string): string {
    return provider === 'cpu' ? 'CPU' : (this.#likely.devices[0] ?? 'GPU');
  }

  /** Null where the choice is there already, else resolves once it is made. Never rejects: there is always the CPU. */
  settle(model: ChosenModel): Promise<void> | null {
    const { sha256 } = model.manifest;
    if (this.#options.pinned !== null) return null;
    const kept = this.#keptOf(sha256);
    if (kept === undefined && !this.#anythingLikely()) return null;
    const known = this.#settling.get(sha256);
    if (known !== undefined) return known;
    const settling = this.#settle(model, kept).catch((caught: unknown) => {
      this.#options.log.error('no provider could be chosen', { model: model.manifest.id, error: String(caught) });
    });
    this.#settling.set(sha256, settling);
    return settling;
  }

  /**
   * Measures anew: every provider of this platform, or those that are likely here (nothing to do with the CPU alone).
   * `changed`: load the model again to use another.
   */
  async measure(
    model: ChosenModel,
    which: 'all' | 'likely',
  ): Promise<{ tried: readonly ProviderAttempt[]; changed: boolean }> {
    const { sha256 } = model.manifest;
    const isSettled = this.#options.pinned !== null || (which === 'likely' && !this.#anythingLikely());
    if (isSettled) return { tried: this.choice(sha256).tried, changed: false };
    const before = JSON.stringify(this.choice(sha256).providers);
    this.#setAside = null;
    await this.#measure(model, which === 'all');
    const { providers, tried } = this.choice(sha256);
    return { tried, changed: JSON.stringify(providers) !== before };
  }

  /** What the engine opened the model on: a chosen device may have gone away since it was measured. */
  opened({ manifest }: ChosenModel, loaded: EngineReplies['load-model']): ProviderChoice {
    const choice = this.choice(manifest.sha256);
    const isAsChosen = laneNames.every((lane) => loaded.providers[lane] === choice.providers[lane][0]);
    if (isAsChosen) return choice;
    const others = choice.tried.filter(({ provider }) => !loaded.tried.some((now) => now.provider === provider));
    const { live, archive } = loaded.providers;
    const opened = { providers: { live: [live], archive: [archive] }, tried: [...loaded.tried, ...others] };
    this.#choices.set(manifest.sha256, opened);
    if (this.#options.pinned === null) this.#options.changed(manifest.id);
    return opened;
  }

  /**
   * The engine ended by itself or hung. While it prepared a device that is enough to leave the device alone until the
   * next start; while it worked, an item may be to blame, so it takes several.
   */
  engineEnded(end: EngineEnd, whilePreparing: boolean): boolean {
    if (end !== 'crashed' && end !== 'hung') return false;
    if (this.#setAside !== null || !this.#usesDevice()) return false;
    const nowMs = this.#options.clock.monoMs();
    this.#crashesAtMs = [...this.#crashesAtMs.filter((atMs) => nowMs - atMs < CRASH_WINDOW_MS), nowMs];
    if (!whilePreparing && this.#crashesAtMs.length <= CRASHES_ALLOWED) return false;
    this.#setAside = whilePreparing
      ? `preparing it ${end === 'hung' ? 'hung' : 'ended'} the engine; it is left alone until the next start`
      : `the engine ended ${String(this.#crashesAtMs.length)} times on it; it is left alone until the next start`;
    return true;
  }

  async #settle(model: ChosenModel, kept: KeptTrials | undefined): Promise<void> {
    if (kept?.onnxruntime === (await this.#options.onnxruntimeVersion())) return;
    if (!this.#anythingLikely()) {
      this.#choices.delete(model.manifest.sha256);
      return;
    }
    await this.#measure(model, false);
    this.#options.changed(model.manifest.id);
  }

  #measure(model: ChosenModel, all: boolean): Promise<void> {
    const measured = this.#measuring.then(() => this.#measureNow(model, all));
    this.#measuring = measured.catch(() => undefined);
    return measured;
  }

  async #measureNow({ manifest, file }: ChosenModel, all: boolean): Promise<void> {
    const { spawn, intraOpThreads, trying, store, log } = this.#options;
    const input = measuredSize(manifest);
    const trials: ProviderTrial[] = [];
    try {
      for (const { provider, unlikely } of this.#likely.candidates) {
        if (unlikely !== null && !all) {
          trials.push({ provider, result: { works: false, why: unlikely } });
          continue;
        }
        trying(`Trying how fast ${manifest.name} runs on ${provider} (once on this machine)`);
        const request = { type: 'measure-provider', file, manifest, provider, input, batches: BATCHES } as const;
        const result = await tryProvider(spawn, request, intraOpThreads);
        trials.push({ provider, result: withAdvice(provider, result, unlikely) });
      }
    } finally {
      trying(null);
    }
    const choice = chooseProviders(trials);
    log.info('providers measured', { model: manifest.id, tried: choice.tried });
    this.#choices.set(manifest.sha256, choice);
    const { sha256: modelSha256 } = manifest;
    const onnxruntime = await this.#options.onnxruntimeVersion();
    const others = this.#kept.filter((kept) => kept.modelSha256 !== modelSha256);
    this.#kept = [{ modelSha256, machine: this.#machine, onnxruntime, trials }, ...others].slice(0, MOST_KEPT);
    // What cannot be kept is measured again at the next start.
    await store.call('settings.set', { key: SETTING, value: JSON.stringify(this.#kept) }).catch((caught: unknown) => {
      log.warn('the choice of providers could not be kept', { error: String(caught) });
    });
  }

  #keptOf(modelSha256: string): KeptTrials | undefined {
    return this.#kept.find((kept) => kept.modelSha256 === modelSha256 && kept.machine === this.#machine);
  }

  #anythingLikely(): boolean {
    return this.#likely.candidates.some(({ provider, unlikely }) => provider !== 'cpu' && unlikely === null);
  }

  #usesDevice(): boolean {
    if (this.#options.pinned !== null) return false; // whoever named it wants it
    return [...this.#choices.values()].some(({ providers }) =>
      [...providers.live, ...providers.archive].some((provider) => provider !== 'cpu'),
    );
  }

  #unlikelyTrials(): readonly ProviderTrial[] {
    return this.#likely.candidates.map(({ provider, unlikely }) => ({
      provider,
      result:
        provider === 'cpu'
          ? { works: true, openMs: 0, firstRunMs: 0, runs: [] }
          : { works: false, why: unlikely ?? 'not tried yet' },
    }));
  }
}

/** The size that is measured: what cameras and scans use unless told otherwise. */
function measuredSize({ tiers }: ModelManifest): InputSize {
  const size = tiers.normal ?? Object.values(tiers)[0];
  if (size === undefined) throw new Error('a model has at least one tier');
  return size;
}

function withAdvice(
  provider: string,
  result: ProviderTrial['result'],
  unlikely: string | null,
): ProviderTrial['result'] {
  if (result.works) return result;
  if (unlikely !== null) return { works: false, why: `${unlikely} (${result.why})` };
  return provider === 'cuda' ? { works: false, why: `${result.why}; npm run fetch:cuda gets what it needs` } : result;
}

function onCpu(choice: ProviderChoice, why: string): ProviderChoice {
  return {
    providers: { live: ['cpu'], archive: ['cpu'] },
    tried: choice.tried.map((attempt) => {
      if (attempt.provider === 'cpu') return { ...attempt, taken: true };
      return attempt.taken ? { ...attempt, taken: false, why } : attempt;
    }),
  };
}
