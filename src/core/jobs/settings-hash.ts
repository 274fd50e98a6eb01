import type { RecipeSettings } from '../../shared/domain/model.ts';

/** The hash that is part of a result's key. `sha256` takes text and answers hex. */
export function settingsHash(settings: RecipeSettings, sha256: (text: string) => string): string {
  return sha256(canonicalSettings(settings));
}

/**
 * One text for settings that mean the same: keys in order at every depth, classes as a set. Every field of
 * `RecipeSettings` is named here, so a new one cannot be forgotten; what is left out of them is left out of the text.
 */
export function canonicalSettings(settings: RecipeSettings): string {
  const { classes, fit, fps, input, iou, motionGate, pipelineVersion, sampling, score, span, tier } = settings;
  const ordered: Record<keyof RecipeSettings, unknown> = {
    classes: classes === null ? null : [...new Set(classes)].sort(),
    fit,
    fps,
    input: { height: input.height, width: input.width },
    iou,
    motionGate,
    pipelineVersion,
    sampling,
    score,
    span: span === undefined ? undefined : { fromMs: span.fromMs, toMs: span.toMs },
    tier,
  };
  return JSON.stringify(ordered);
}
