import { env, InferenceSession, listSupportedBackends } from 'onnxruntime-node';
import { batchLadder } from '../../shared/domain/lanes.ts';
import type { ProviderAttempt } from '../../shared/engine/protocol.ts';

// The engine's output belongs to nobody; what matters is thrown and reaches the control plane as words.
env.logLevel = 'fatal';

export interface SessionSettings {
  /** Execution providers to try in order. */
  readonly providers: readonly string[];
  /** For the CPU provider; the others get one. */
  readonly intraOpThreads: number;
}

/**
 * Providers that tune themselves to each new shape, and tune again at each change: a session for each lane keeps one
 * from undoing the other's. The others share one session: WebGPU must not have two at work in one process.
 */
export const tunesToShape = (provider: string): boolean => provider === 'cuda' || provider === 'tensorrt';

/**
 * Places of the call that carries `pictures` of them. A device prepares each shape it meets, for a second or so: it gets
 * the next size of the ladder, which is warmed. The CPU takes them as they are.
 */
export function placesOn(provider: string, pictures: number): number {
  if (provider === 'cpu') return pictures;
  return batchLadder.find((size) => size >= pictures) ?? pictures;
}

export interface OpenedSession {
  readonly session: InferenceSession;
  readonly provider: string;
  readonly tried: readonly ProviderAttempt[];
}

/** Nothing was willing; `tried` says why, one provider after the other. */
export class NoProvider extends Error {
  readonly tried: readonly ProviderAttempt[];
  constructor(tried: readonly ProviderAttempt[]) {
    super(tried.map(({ provider, why }) => `${provider}: ${why}`).join('; ') || 'no provider is configured');
    this.name = 'NoProvider';
    this.tried = tried;
  }
}

/** Opens the model on the first provider that takes it. Rejects with `NoProvider`. */
export async function openSession(model: Uint8Array, settings: SessionSettings): Promise<OpenedSession> {
  const tried: ProviderAttempt[] = [];
  for (const provider of settings.providers) {
    const missing = missingProvider(provider);
    if (missing !== null) {
      tried.push({ provider, taken: false, why: missing });
      continue;
    }
    try {
      const session = await InferenceSession.create(model, sessionOptions(provider, settings.intraOpThreads));
      const why = tried.length === 0 ? 'the first choice' : 'the next choice';
      return { session, provider, tried: [...tried, { provider, taken: true, why }] };
    } catch (caught) {
      tried.push({ provider, taken: false, why: reasonOf(provider, caught) });
    }
  }
  throw new NoProvider(tried);
}

/** Names of the providers that this build of onnxruntime knows on this platform, bundled or not. */
export const knownProviders = (): readonly string[] => listSupportedBackends().map(({ name }) => name);

/** Null, or why the provider need not even be tried. */
export function missingProvider(provider: string): string | null {
  if (knownProviders().includes(provider)) return null;
  return `onnxruntime has no such provider for ${process.platform} ${process.arch}`;
}

/**
 * How a session runs. On the CPU, threads wait 200 µs for more work before they sleep. At 25 pictures a second on two
 * cores, onnxruntime's default spins 83 % of a core away; without any spin it is 13 %, but a picture takes 1.6 times as
 * long; with 200 µs it is 16 % and 3 % longer. The memory pattern is off: it is made for one shape and doubles the
 * memory of large batches. A device provider needs one thread: its few CPU nodes gain nothing from more.
 */
export function sessionOptions(provider: string, intraOpThreads: number): InferenceSession.SessionOptions {
  const onCpu = provider === 'cpu';
  return {
    executionProviders: [provider],
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    intraOpNumThreads: onCpu ? intraOpThreads : 1,
    interOpNumThreads: 1,
    enableMemPattern: false,
    extra: { session: { intra_op: { spin_duration_us: '200' } } },
  };
}

/** The gist of what onnxruntime threw, without the places in its sources; and what a bare message leaves out. */
export function reasonOf(provider: string, caught: unknown): string {
  const text = caught instanceof Error ? caught.message : String(caught);
  const gist = text
    .replace(/^.* was false\. /s, '')
    .replace(/^Ort\w+: /, '')
    .split('\n')[0]!
    .trim();
  const isBundled = listSupportedBackends().some(({ name, bundled }) => name === provider && bundled);
  return isBundled ? gist : `its libraries are not installed or do not load (${gist})`;
}
