import type { Clock } from '../core/ports.ts';
import type { EngineReplies, EngineRequest, FrameResult, FromEngine, ToEngine } from '../shared/engine/protocol.ts';
import { describeError, NightshiftError, toErrorValue } from '../shared/errors.ts';
import type { Arrivals } from './arrivals.ts';
import type { HeldFrame, Ingest } from './ingest/ports.ts';
import { faintScore } from '../core/analytics/faint-score.ts';
import { overlapGroups } from '../core/analytics/overlap-groups.ts';
import { detectionsIn, foundIn } from './post-processing.ts';
import { LoadedModel } from './runtime/loaded-model.ts';
import { measureProvider } from './runtime/measure.ts';
import { PixelBatch } from './runtime/pixel-batch.ts';
import type { SessionSettings } from './runtime/providers.ts';

type Command<T extends ToEngine['type']> = Extract<ToEngine, { type: T }>;
type Request<T extends EngineRequest['type']> = Extract<EngineRequest, { type: T }>;
type RunAnswer = Extract<FromEngine, { type: 'done' | 'run-failed' }>;

interface ResidentModel {
  readonly model: LoadedModel;
  readonly groups: Int32Array;
}

/**
 * The executor of one device: resident models and one native call at a time. Its caller hands in one command after the
 * other and waits for each, which is what keeps a frame's bytes in place while the device reads them.
 */
export class Slot {
  readonly #frames: Pick<Ingest, 'frame' | 'release'>;
  readonly #arrivals: Pick<Arrivals, 'drain'>;
  readonly #settings: SessionSettings;
  readonly #clock: Clock;
  readonly #models = new Map<string, ResidentModel>();
  readonly #pixels = new PixelBatch();

  constructor(
    frames: Pick<Ingest, 'frame' | 'release'>,
    arrivals: Pick<Arrivals, 'drain'>,
    settings: SessionSettings,
    clock: Clock,
  ) {
    this.#frames = frames;
    this.#arrivals = arrivals;
    this.#settings = settings;
    this.#clock = clock;
  }

  /** Rejects with `model-rejected`. A model of the same id that was loaded before is replaced. */
  async load(request: Request<'load-model'>): Promise<EngineReplies['load-model']> {
    const { modelId, file, manifest } = request;
    const { providers = { live: this.#settings.providers, archive: this.#settings.providers } } = request;
    const startMs = this.#clock.monoMs();
    const { intraOpThreads } = this.#settings;
    const model = await LoadedModel.load(file, manifest, { providers, intraOpThreads });
    const former = this.#models.get(modelId);
    this.#models.set(modelId, { model, groups: overlapGroups(manifest) });
    await former?.model.release();
    return { providers: model.providers, tried: model.tried, loadMs: this.#clock.monoMs() - startMs };
  }

  /** How fast a provider is with a model; nothing of it stays. */
  measure(request: Request<'measure-provider'>): Promise<EngineReplies['measure-provider']> {
    return measureProvider(request, this.#settings.intraOpThreads, this.#clock);
  }

  /** Runs blank pictures; the times are those of the native calls. */
  async warm({ modelId, lane, input, batch, runs }: Request<'warm'>): Promise<EngineReplies['warm']> {
    const { model } = this.#resident(modelId);
    model.expectSize(input);
    const pixels = this.#pixels.blank(batch, input, model.manifest.input.padding);
    const runMs: number[] = [];
    for (let run = 0; run < runs; run++) {
      const startMs = this.#clock.monoMs();
      await model.run(lane, input, batch, pixels);
      runMs.push(this.#clock.monoMs() - startMs);
    }
    return { runMs };
  }

  /**
   * Runs one batch. `done` carries every ticket that was decoded meanwhile, and its frames are given back. After
   * `run-failed` they may still be held. `arrivedMonoMs` is when the message was received.
   */
  async run(command: Command<'run'>, arrivedMonoMs: number): Promise<RunAnswer> {
    const { batchId, modelId, lane, input, frameIds, post } = command;
    try {
      const { model, groups } = this.#resident(modelId);
      model.expectSize(input);
      const frames = frameIds.map((frameId) => this.#frame(frameId, command));
      const places = model.placesFor(lane, frames.length);
      const pixels = this.#pixels.of(frames, input, places);
      // They are side by side in the call's own buffer now, so the next ones can be decoded meanwhile: the job whose
      // frames run has others waiting when the call ends. A single picture runs where it lies.
      if (lane === 'archive' && places > 1) this.#frames.release(frameIds);
      const startMs = this.#clock.monoMs();
      const output = await model.run(lane, input, places, pixels);
      const runMs = this.#clock.monoMs() - startMs;
      const results = frames.map((frame, picture): FrameResult => {
        const frameId = frameIds[picture]!;
        if (lane === 'archive') {
          const candidates = model.decoder.decode(output, picture, post.score);
          return { frameId, detections: detectionsIn(candidates, groups, frame, post) };
        }
        const candidates = model.decoder.decode(output, picture, Math.min(post.score, faintScore));
        return { frameId, ...foundIn(candidates, groups, frame, post) };
      });
      this.#frames.release(frameIds);
      const { tickets, lost } = this.#arrivals.drain();
      return { type: 'done', batchId, runMs, slotMs: this.#clock.monoMs() - arrivedMonoMs, results, tickets, lost };
    } catch (caught) {
      return { type: 'run-failed', batchId, message: describeError(toErrorValue(caught)) };
    }
  }

  #resident(modelId: string): ResidentModel {
    const resident = this.#models.get(modelId);
    if (resident !== undefined) return resident;
    throw new NightshiftError({
      kind: 'not-found',
      message: `The model ${modelId} is not loaded.`,
      where: modelId,
      hint: 'Load it before it is warmed or run.',
    });
  }

  #frame(frameId: number, { input }: Command<'run'>): HeldFrame {
    const frame = this.#frames.frame(frameId);
    if (frame === null) {
      throw new NightshiftError({ kind: 'not-found', message: `Frame ${frameId} is not held (any more).` });
    }
    if (frame.width !== input.width || frame.height !== input.height) {
      throw new NightshiftError({
        kind: 'bad-input',
        message: `Frame ${frameId} is ${frame.width}×${frame.height}; the batch is ${input.width}×${input.height}.`,
      });
    }
    // In a batch, a frame without its bytes would show the pixels of an earlier call.
    if (frame.bytes.length !== frame.width * frame.height * 3) {
      throw new NightshiftError({ kind: 'internal', message: `Frame ${frameId} has ${frame.bytes.length} bytes.` });
    }
    return frame;
  }
}
