import { inputText, workShape, type WorkShape } from '../../core/scheduler/work-shape.ts';
import { fittedInput } from '../../shared/domain/fitted-input.ts';
import type { StoreClient } from '../../store/operations.ts';
import type { Model } from './model-service.ts';
import { prepareRecipe, type RecipeChoice } from './recipe.ts';

/** A recipe that the store knows, in the form the lanes run it. */
export interface PreparedWork {
  readonly model: Model;
  readonly recipeId: number;
  /** Of the tier's own size, or of the size that fits. */
  readonly shape: WorkShape;
  /** Grey level of the letterbox. */
  readonly padding: number;
  /** The same work in the size that fits such pictures: the same object for all that share it; five at most. */
  readonly fitted: (sourceWidth: number, sourceHeight: number) => PreparedWork;
}

export async function prepareWork(model: Model, choice: RecipeChoice, store: StoreClient): Promise<PreparedWork> {
  const { recipe, post } = prepareRecipe(model, choice);
  const { recipeId } = await store.call('recipes.ensure', recipe);
  return fittingWork(model, recipeId, workShape(model.manifest.id, recipe.settings.input, post));
}

/** `tier`: the shape of the tier's own size. */
export function fittingWork(model: Model, recipeId: number, tier: WorkShape): PreparedWork {
  const { padding, multipleOf } = model.manifest.input;
  const works = new Map<string, PreparedWork>();
  const fitted = (sourceWidth: number, sourceHeight: number): PreparedWork => {
    const input = fittedInput(tier.input, sourceWidth, sourceHeight, multipleOf);
    const key = inputText(input);
    const known = works.get(key);
    if (known !== undefined) return known;
    const made = { model, recipeId, shape: workShape(tier.modelId, input, tier.post), padding, fitted };
    works.set(key, made);
    return made;
  };
  const work: PreparedWork = { model, recipeId, shape: tier, padding, fitted };
  works.set(inputText(tier.input), work);
  return work;
}
