import { workShape, type WorkShape } from '../../core/scheduler/work-shape.ts';
import type { StoreClient } from '../../store/operations.ts';
import type { Model } from './model-service.ts';
import { prepareRecipe, type RecipeChoice } from './recipe.ts';

/** A recipe that the store knows, in the form the lanes run it. */
export interface PreparedWork {
  readonly model: Model;
  readonly recipeId: number;
  readonly shape: WorkShape;
  /** Grey level of the letterbox. */
  readonly padding: number;
}

export async function prepareWork(model: Model, choice: RecipeChoice, store: StoreClient): Promise<PreparedWork> {
  const { recipe, post } = prepareRecipe(model, choice);
  const { recipeId } = await store.call('recipes.ensure', recipe);
  return {
    model,
    recipeId,
    shape: workShape(model.manifest.id, recipe.settings.input, post),
    padding: model.manifest.input.padding,
  };
}
