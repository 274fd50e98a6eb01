import { workShape } from '../../core/scheduler/work-shape.ts';
import type { TierName } from '../../shared/domain/model.ts';
import type { Model } from '../models/model-service.ts';
import { prepareRecipe } from '../models/recipe.ts';
import { fittingWork, type PreparedWork } from '../models/work.ts';

/** No row of the store: what is found in these pictures is answered, not kept as a scan's results are. */
const noRecipe = 0;

/**
 * One way of running pictures, each in the size that fits, as a scan would run them. `bad-input` names the tier or class
 * that the model does not have.
 */
export function pictureWork(
  model: Model,
  choice: { readonly tier: TierName; readonly score: number | null; readonly classes: readonly string[] | null },
): PreparedWork {
  const { recipe, post } = prepareRecipe(model, { ...choice, fps: null });
  return fittingWork(model, noRecipe, workShape(model.manifest.id, recipe.settings.input, post));
}
