import { createHash } from 'node:crypto';
import { settingsHash } from '../../core/jobs/settings-hash.ts';
import { pipelineVersion, type RecipeSettings, type TierName } from '../../shared/domain/model.ts';
import type { FrameSampling, VideoSpan } from '../../shared/domain/video-sampling.ts';
import type { PostProcessing } from '../../shared/engine/protocol.ts';
import type { Recipe } from '../../store/operations.ts';
import { classIndices, tierSize, type Model } from './model-service.ts';

export interface RecipeChoice {
  readonly tier: TierName;
  readonly score: number | null;
  readonly classes: readonly string[] | null;
  /** Frames a second of a video; null for pictures and cameras. */
  readonly fps: number | null;
  /** Left out: off. */
  readonly motionGate?: boolean;
  /** Of a video; left out or null: by `fps`, and the whole. */
  readonly sampling?: FrameSampling | null;
  readonly span?: VideoSpan | null;
}

/** What is run on a source: the store's half (who it is) and the engine's half (how). */
export interface PreparedRecipe {
  readonly recipe: Recipe;
  readonly post: PostProcessing;
}

export function prepareRecipe(model: Model, choice: RecipeChoice): PreparedRecipe {
  const { manifest } = model;
  const classes = choice.classes ?? (manifest.defaultClasses.length > 0 ? manifest.defaultClasses : null);
  const input = tierSize(manifest, choice.tier);
  const settings: RecipeSettings = {
    tier: choice.tier,
    input,
    fit: input.width === input.height && manifest.input.multipleOf > 0 ? 'aspect' : 'tier',
    motionGate: choice.motionGate ?? false,
    fps: choice.sampling == null ? choice.fps : null,
    ...(choice.sampling == null ? {} : { sampling: choice.sampling }),
    ...(choice.span == null ? {} : { span: choice.span }),
    score: choice.score ?? manifest.score,
    iou: manifest.iou,
    classes,
    pipelineVersion,
  };
  return {
    recipe: {
      modelId: manifest.id,
      modelSha256: manifest.sha256,
      settingsHash: settingsHash(settings, (text) => createHash('sha256').update(text).digest('hex')),
      settings,
      labels: manifest.labels,
    },
    post: { score: settings.score, iou: settings.iou, classes: classIndices(manifest, classes) },
  };
}
