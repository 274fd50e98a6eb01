import { Tensor, type InferenceSession } from 'onnxruntime-node';
import type { Clock } from '../../core/ports.ts';
import type { InputSize } from '../../shared/domain/model.ts';
import type { EngineRequest, ProviderMeasurement } from '../../shared/engine/protocol.ts';
import { readModelFile } from './model-file.ts';
import { NoProvider, openSession } from './providers.ts';

const RUNS = 5;
/** Runs are repeated for so long; a size whose single run would take longer than the other is not tried. */
const REPEAT_MS = 1_000;
const LONGEST_RUN_MS = 1_500;

type MeasureRequest = Extract<EngineRequest, { type: 'measure-provider' }>;

/**
 * Opens the model on one provider and times blank pictures of each size: one run that pays for set-up, then up to five.
 * A size that is expected to need more than 1.5 s for a single run is left out. Rejects with `model-rejected` where the
 * file is not the manifest's.
 */
export async function measureProvider(
  { file, manifest, provider, input, batches }: MeasureRequest,
  intraOpThreads: number,
  clock: Clock,
): Promise<ProviderMeasurement> {
  const bytes = await readModelFile(file, manifest.sha256);
  const startMs = clock.monoMs();
  let session: InferenceSession;
  try {
    ({ session } = await openSession(bytes, { providers: [provider], intraOpThreads }));
  } catch (caught) {
    if (!(caught instanceof NoProvider)) throw caught;
    return { works: false, why: caught.tried[0]?.why ?? caught.message };
  }
  const openMs = clock.monoMs() - startMs;
  const timed = async (batch: number): Promise<number> => {
    const feeds = { [manifest.input.name]: blank(batch, input, manifest.input.padding) };
    const runStartMs = clock.monoMs();
    await session.run(feeds);
    return clock.monoMs() - runStartMs;
  };
  try {
    let firstRunMs = 0;
    const runs: { batch: number; runMs: number }[] = [];
    for (const batch of batches) {
      const [smaller] = runs.slice(-1);
      if (smaller !== undefined && (smaller.runMs / smaller.batch) * batch > LONGEST_RUN_MS) break;
      const setUpMs = await timed(batch);
      if (runs.length === 0) firstRunMs = setUpMs;
      const durations: number[] = [];
      for (let spentMs = 0; durations.length < RUNS && spentMs < REPEAT_MS; spentMs += durations.at(-1)!) {
        durations.push(await timed(batch));
      }
      runs.push({ batch, runMs: median(durations) });
    }
    return { works: true, openMs, firstRunMs, runs };
  } catch (caught) {
    // It took the model and cannot run it: the same to whoever asks as one that does not take it.
    return {
      works: false,
      why: `a run failed (${caught instanceof Error ? caught.message.split('\n')[0]! : String(caught)})`,
    };
  } finally {
    await session.release();
  }
}

function blank(batch: number, { width, height }: InputSize, grey: number): Tensor {
  return new Tensor('uint8', new Uint8Array(batch * height * width * 3).fill(grey), [batch, height, width, 3]);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}
