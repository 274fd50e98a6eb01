import { createHash } from 'node:crypto';
import { pipelineVersion, type RecipeSettings, type TierName } from '../../shared/domain/model.ts';
import type { PostProcessing } from '../../shared/engine/protocol.ts';
import type { Recipe } from '../../store/operations.ts';
import { classIndices, tierSize, type Model } from './model-service.ts';

export interface RecipeChoice {
  readonly tier: TierName;
  readonly score: number | null;
  readonly classes: readonly string[] | null;
  /** Frames a second of a video; null for pictures and cameras. */
  readonly fps: number | null;
}

/** What is run on a source: the store's half (who it is) and the engine's half (how). */
export interface PreparedRecipe {
  readonly recipe: Recipe;
  readonly post: PostProcessing;
}

export function prepareRecipe(model: Model, choice: RecipeChoice): PreparedRecipe {
  const { manifest } = model;
  const classes = choice.classes ?? (manifest.defaultClasses.length > 0 ? manifest.defaultClasses : null);
  const settings: RecipeSettings = {
    tier: choice.tier,
    input: tierSize(manifest, choice.tier),
    fps: choice.fps,
    score: choice.score ?? manifest.score,
    iou: manifest.iou,
    classes: classes === null ? null : [...classes].sort(),
    pipelineVersion,
  };
  return {
    recipe: {
      modelId: manifest.id,
      modelSha256: manifest.sha256,
      settingsHash: createHash('sha256').update(canonicalJson(settings)).digest('hex'),
      settings,
      labels: manifest.labels,
    },
    post: { score: settings.score, iou: settings.iou, classes: classIndices(manifest, classes) },
  };
}

/** JSON with sorted keys: equal values give equal text, whatever order they were built in. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, field]) => field !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}
