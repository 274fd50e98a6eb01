import { Tensor } from 'onnxruntime-node';
import type { LaneName } from '../../shared/domain/lanes.ts';
import type { InputSize, ModelManifest } from '../../shared/domain/model.ts';
import type { ProviderAttempt } from '../../shared/engine/protocol.ts';
import { NightshiftError } from '../../shared/errors.ts';
import { decoderFor, type Decoder, type ModelOutput } from '../decoders/decoder.ts';
import { readModelFile } from './model-file.ts';
import { interfaceMisfit } from './model-interface.ts';
import { NoProvider, openSession, type OpenedSession, type SessionSettings } from './providers.ts';

/** Providers that tune themselves to each new shape: a session for each lane keeps one from undoing the other's. */
const tunesToShape: readonly string[] = ['cuda', 'tensorrt'];

/** A verified model, resident on the device, with the decoder of its family. */
export class LoadedModel {
  readonly manifest: ModelManifest;
  readonly decoder: Decoder;
  readonly provider: string;
  readonly tried: readonly ProviderAttempt[];
  readonly #sessions: Readonly<Record<LaneName, OpenedSession['session']>>;

  private constructor(manifest: ModelManifest, decoder: Decoder, live: OpenedSession, archive: OpenedSession) {
    this.manifest = manifest;
    this.decoder = decoder;
    this.provider = live.provider;
    this.tried = live.tried;
    this.#sessions = { live: live.session, archive: archive.session };
  }

  /** Rejects with `model-rejected` where the file, the manifest and the providers do not come together. */
  static async load(file: string, manifest: ModelManifest, settings: SessionSettings): Promise<LoadedModel> {
    const bytes = await readModelFile(file, manifest.sha256);
    const live = await open(file, bytes, settings);
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
    const archive = tunesToShape.includes(live.provider)
      ? await open(file, bytes, { ...settings, providers: [live.provider] })
      : live;
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

  /**
   * One native call; `pixels` is uint8 [batch, height, width, 3]. It blocks this thread from the next turn of the event
   * loop until the device has answered, and nothing can abort it.
   */
  async run(lane: LaneName, input: InputSize, batch: number, pixels: Uint8Array): Promise<ModelOutput> {
    const shape = [batch, input.height, input.width, 3];
    const outputs = await this.#sessions[lane].run({ [this.manifest.input.name]: new Tensor('uint8', pixels, shape) });
    const output = outputs[this.manifest.output.name];
    if (!(output?.data instanceof Float32Array)) throw new TypeError('the output is no float32 tensor');
    return { data: output.data, dims: output.dims };
  }

  async release(): Promise<void> {
    const { live, archive } = this.#sessions;
    await live.release();
    if (archive !== live) await archive.release();
  }
}

async function open(file: string, bytes: Uint8Array, settings: SessionSettings): Promise<OpenedSession> {
  try {
    return await openSession(bytes, settings);
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
