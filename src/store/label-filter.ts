import type { KnownRecipe, StoreContext } from './store-context.ts';
import { labelOf } from './stored-numbers.ts';

/**
 * Labels live in recipes, rows hold class indices: a filter by label is a list of (recipe, class) pairs. Text for a
 * WHERE clause over the two columns; a label that no recipe knows matches nothing.
 */
export function labelCondition(
  recipes: readonly KnownRecipe[],
  labels: readonly string[],
  recipeColumn: string,
  classColumn: string,
): string {
  if (labels.length === 0) return 'TRUE';
  const wanted = new Set(labels);
  const parts = recipes.flatMap((recipe) => {
    const classes = recipe.labels.flatMap((label, index) => (wanted.has(label) ? [index] : []));
    return classes.length === 0
      ? []
      : [`(${recipeColumn} = ${recipe.id} AND ${classColumn} IN (${classes.join(', ')}))`];
  });
  return parts.length === 0 ? 'FALSE' : `(${parts.join(' OR ')})`;
}

/** Adds up counts a class under the classes' names. */
export class LabelCounts {
  readonly #counts = new Map<string, number>();
  readonly #store: StoreContext;

  constructor(store: StoreContext) {
    this.#store = store;
  }

  add(recipeId: number, classIndex: number, count: number): void {
    if (count === 0) return;
    const label = labelOf(this.#store.recipe(recipeId), classIndex);
    this.#counts.set(label, (this.#counts.get(label) ?? 0) + count);
  }

  /** Most frequent first, then by name. */
  byCount(): { label: string; count: number }[] {
    return [...this.#counts]
      .map(([label, count]) => ({ label, count }))
      .sort((a, b) => b.count - a.count || (a.label < b.label ? -1 : 1));
  }

  /** As an object with its keys in order of name. */
  byLabel(): Record<string, number> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  total(labels: readonly string[] | null = null): number {
    let total = 0;
    for (const [label, count] of this.#counts) if (labels === null || labels.includes(label)) total += count;
    return total;
  }
}
