import { InferenceSession, Tensor } from 'onnxruntime-node';
import { sessionOptions } from '../../src/engine/runtime/providers.ts';
import type { HeldFrame } from '../../src/engine/ingest/ports.ts';
import { median } from '../statistics/quantile.ts';
import { cpuMs } from './cpu-time.ts';
import type { RawLoop, RawLoopResult } from './messages.ts';

/** The ceiling: onnxruntime alone on this thread, with the engine's session options and an input made beforehand. */
export class RawLoops {
  readonly #sessions = new Map<string, InferenceSession>();

  async run(loop: RawLoop, pictures: readonly HeldFrame[]): Promise<RawLoopResult> {
    const { batch, input, inputName, outputName, forMs } = loop;
    const session = await this.#session(loop);
    const frameBytes = input.width * input.height * 3;
    const pixels = new Uint8Array(batch * frameBytes);
    for (let index = 0; index < batch; index++) {
      const picture = pictures[index % pictures.length];
      if (picture?.bytes.length === frameBytes) pixels.set(picture.bytes, index * frameBytes);
    }
    const shape = [batch, input.height, input.width, 3];
    const call = async (): Promise<number> => {
      const startMs = performance.now();
      const outputs = await session.run({ [inputName]: new Tensor('uint8', pixels, shape) });
      if (outputs[outputName] === undefined) throw new Error(`the model has no output ${outputName}`);
      return performance.now() - startMs;
    };
    await call(); // a size that is new to the session pays for set-up once
    const durations: number[] = [];
    const cpuBefore = cpuMs();
    const startMs = performance.now();
    while (performance.now() - startMs < forMs || durations.length < 3) durations.push(await call());
    const elapsedMs = performance.now() - startMs;
    return { calls: durations.length, elapsedMs, medianMs: median(durations), cpuMs: cpuMs() - cpuBefore };
  }

  async #session({ modelFile, providers, intraOpThreads }: RawLoop): Promise<InferenceSession> {
    const key = `${modelFile} ${providers.join()} ${intraOpThreads}`;
    const known = this.#sessions.get(key);
    if (known !== undefined) return known;
    const provider = providers[0] ?? 'cpu';
    const session = await InferenceSession.create(modelFile, sessionOptions(provider, intraOpThreads));
    this.#sessions.set(key, session);
    return session;
  }
}
