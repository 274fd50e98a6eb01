import type { Database, Statement } from 'better-sqlite3';
import type { StoreOperations, OperationName } from './operations.ts';
import type { WorkerInput } from './packed-rows.ts';
import type { RecipeSettings } from '../shared/domain/model.ts';
import { NightshiftError } from '../shared/errors.ts';

/** What a recipe's rows need to be read: its labels, and the rate that gives a frame its nominal time. */
export interface KnownRecipe {
  readonly id: number;
  readonly modelId: string;
  readonly labels: readonly string[];
  readonly fps: number | null;
}

export type SourceKind = 'picture' | 'video' | 'camera';
export interface KnownSource {
  readonly id: number;
  readonly key: string;
  readonly kind: SourceKind;
}

/** What every operation is given. Recipes never change and sources never change their kind, so both are remembered. */
export interface StoreContext {
  readonly db: Database;
  readonly file: string;
  /** Prepares once per text: for statements whose text depends on a filter. */
  readonly statement: (sql: string) => Statement;
  readonly recipe: (id: number) => KnownRecipe;
  readonly source: (id: number) => KnownSource;
  /** Primary key of a job, or null where there is none of that id. */
  readonly jobPk: (id: string) => number | null;
}

/** One operation: prepares its statements once, then answers calls. */
export type Operation<K extends OperationName> = (
  store: StoreContext,
) => (input: WorkerInput<K>) => StoreOperations[K]['out'];

export function createStoreContext(db: Database, file: string): StoreContext {
  const statements = new Map<string, Statement>();
  const recipes = new Map<number, KnownRecipe>();
  const sources = new RecentMap<number, KnownSource>(10_000);
  const jobs = new Map<string, number>();
  const selectRecipe = db.prepare('SELECT id, model_id, settings, labels FROM recipes WHERE id = ?');
  const selectSource = db.prepare('SELECT id, key, kind FROM sources WHERE id = ?');
  const selectJob = db.prepare('SELECT pk FROM jobs WHERE id = ?').pluck();

  return {
    db,
    file,
    statement: (sql) => {
      const known = statements.get(sql);
      if (known !== undefined) return known;
      const prepared = db.prepare(sql);
      statements.set(sql, prepared);
      return prepared;
    },
    recipe: (id) => {
      const known = recipes.get(id);
      if (known !== undefined) return known;
      const row = selectRecipe.get(id) as
        { id: number; model_id: string; settings: string; labels: string } | undefined;
      if (row === undefined) throw notFound('recipe', id);
      const recipe: KnownRecipe = {
        id,
        modelId: row.model_id,
        labels: JSON.parse(row.labels) as string[],
        fps: (JSON.parse(row.settings) as RecipeSettings).fps,
      };
      recipes.set(id, recipe);
      return recipe;
    },
    source: (id) => {
      const known = sources.get(id);
      if (known !== undefined) return known;
      const row = selectSource.get(id) as KnownSource | undefined;
      if (row === undefined) throw notFound('source', id);
      sources.set(id, row);
      return row;
    },
    jobPk: (id) => {
      const known = jobs.get(id);
      if (known !== undefined) return known;
      const pk = selectJob.get(id) as number | undefined;
      if (pk === undefined) return null;
      jobs.set(id, pk);
      return pk;
    },
  };
}

export const notFound = (what: string, id: number | string): NightshiftError =>
  new NightshiftError({ kind: 'not-found', message: `There is no ${what} ${id}.`, where: `${what} ${id}` });

/** Remembers at most `limit` entries; forgets all of them when full, which costs one look-up each to mend. */
class RecentMap<K, V> {
  readonly #entries = new Map<K, V>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: K): V | undefined {
    return this.#entries.get(key);
  }

  set(key: K, value: V): void {
    if (this.#entries.size >= this.#limit) this.#entries.clear();
    this.#entries.set(key, value);
  }
}
