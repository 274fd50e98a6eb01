import { Tensor } from 'onnxruntime-node';
import type { LaneName } from '../../shared/domain/lanes.ts';
import type { InputSize, ModelManifest } from '../../shared/domain/model.ts';
import type { LaneProviders, ProviderAttempt } from '../../shared/engine/protocol.ts';
import { NightshiftError } from '../../shared/errors.ts';
import { decoderFor, type Decoder, type ModelOutput } from '../decoders/decoder.ts';
import { readModelFile } from './model-file.ts';
import { interfaceMisfit } from './model-interface.ts';
import { NoProvider, openSession, placesOn, tunesToShape, type OpenedSession } from './providers.ts';

export interface ModelSettings {
  readonly providers: LaneProviders;
  readonly intraOpThreads: number;
}

/** The call that is in a device that takes one at a time in a whole process; null: none. */
let inDevice: string | null = null;

/** A verified model, resident on the device, with the decoder of its family. */
export class LoadedModel {
  readonly manifest: ModelManifest;
  readonly decoder: Decoder;
  /** What each lane runs on. */
  readonly providers: Readonly<Record<LaneName, string>>;
  readonly tried: readonly ProviderAttempt[];
  readonly #sessions: Readonly<Record<LaneName, OpenedSession['session']>>;

  private constructor(manifest: ModelManifest, decoder: Decoder, live: OpenedSession, archive: OpenedSession) {
    this.manifest = manifest;
    this.decoder = decoder;
    this.providers = { live: live.provider, archive: archive.provider };
    const more = archive.tried.filter(({ provider }) => !live.tried.some((attempt) => attempt.provider === provider));
    this.tried = [...live.tried, ...more];
    this.#sessions = { live: live.session, archive: archive.session };
  }

  /** Rejects with `model-rejected` where the file, the manifest and the providers do not come together. */
  static async load(file: string, manifest: ModelManifest, settings: ModelSettings): Promise<LoadedModel> {
    const bytes = await readModelFile(file, manifest.sha256);
    const { providers, intraOpThreads } = settings;
    const live = await open(file, bytes, providers.live, intraOpThreads);
    const decoder = decoderFor(manifest);
    const misfit = interfaceMisfit(live.session.inputMetadata, live.session.outputMetadata, manifest, decoder);
    if (misfit !== null) {
      await live.session.release();
      throw new NightshiftError({
        kind: 'model-rejected',
        message: `The model does not fit its manifest: ${misfit}.`,
        where: file,
        hint: 'Correct manifest.json, or export the model again in the layout that it describes.',
      });
    }
    // What has just refused the model is not asked again.
    const refused = live.tried.filter(({ taken }) => !taken).map(({ provider }) => provider);
    const forArchive = providers.archive.filter((provider) => !refused.includes(provider));
    const isShared = (forArchive[0] ?? live.provider) === live.provider && !tunesToShape(live.provider);
    const archive = isShared
      ? live
      : await open(file, bytes, forArchive.length > 0 ? forArchive : [live.provider], intraOpThreads);
    return new LoadedModel(manifest, decoder, live, archive);
  }

  /** Throws `bad-input` where the model cannot take pictures of this size. */
  expectSize(input: InputSize): void {
    const { id, input: wanted, tiers } = this.manifest;
    const isTier = Object.values(tiers).some((tier) => tier.width === input.width && tier.height === input.height);
    const isMultiple =
      wanted.multipleOf > 0 && input.width % wanted.multipleOf === 0 && input.height % wanted.multipleOf === 0;
    if (isTier || isMultiple) return;
    const sizes = Object.values(tiers).map((tier) => `${tier.width}×${tier.height}`);
    throw new NightshiftError({
      kind: 'bad-input',
      message: `The model ${id} takes no pictures of ${input.width}×${input.height}.`,
      where: id,
      hint: `It takes ${sizes.join(', ')}${wanted.multipleOf > 0 ? ` and multiples of ${wanted.multipleOf}` : ''}.`,
    });
  }

  /** Places of the call that carries so many pictures. */
  placesFor(lane: LaneName, pictures: number): number {
    return placesOn(this.providers[lane], pictures);
  }

  /**
   * One native call; `pixels` is uint8 [batch, height, width, 3]. It blocks this thread from the next turn of the event
   * loop until the device has answered, and nothing can abort it.
   */
  async run(lane: LaneName, input: InputSize, batch: number, pixels: Uint8Array): Promise<ModelOutput> {
    const shape = [batch, input.height, input.width, 3];
    const isDevice = this.providers[lane] !== 'cpu';
    // Two calls at once end the process with WebGPU (onnxruntime #32561), and only queue up with the others.
    if (isDevice && inDevice !== null) throw new Error(`${inDevice} is in the device; it takes one call at a time`);
    if (isDevice) inDevice = `a ${lane} call of ${this.manifest.id}`;
    try {
      const outputs = await this.#sessions[lane].run({
        [this.manifest.input.name]: new Tensor('uint8', pixels, shape),
      });
      const output = outputs[this.manifest.output.name];
      if (!(output?.data instanceof Float32Array)) throw new TypeError('the output is no float32 tensor');
      return { data: output.data, dims: output.dims };
    } finally {
      if (isDevice) inDevice = null;
    }
  }

  async release(): Promise<void> {
    const { live, archive } = this.#sessions;
    await live.release();
    if (archive !== live) await archive.release();
  }
}

async function open(
  file: string,
  bytes: Uint8Array,
  providers: readonly string[],
  intraOpThreads: number,
): Promise<OpenedSession> {
  try {
    return await openSession(bytes, { providers, intraOpThreads });
  } catch (caught) {
    if (!(caught instanceof NoProvider)) throw caught;
    throw new NightshiftError(
      {
        kind: 'model-rejected',
        message: `The model could not be opened (${caught.message}).`,
        where: file,
        hint: 'Check that it is a complete ONNX file, and that the list of providers ends with cpu.',
      },
      { cause: caught },
    );
  }
}
