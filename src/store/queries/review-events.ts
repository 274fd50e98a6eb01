import type { ReviewFilter } from '../../shared/contract/calls.ts';
import type { ReviewEntry } from '../../shared/domain/review.ts';
import { labelCondition, type LabelCounts } from '../label-filter.ts';
import type { KnownRecipe, StoreContext } from '../store-context.ts';
import { labelOf, storedScoreOfStep, scoreStep, toStoredScore } from '../stored-numbers.ts';
import { eventColumns, toEvent, type EventRow } from './events.ts';

/** The part of a review that cameras' events make up, newest first. */
export interface ReviewEvents {
  /** Adds the label counts of the filter without its own labels. */
  readonly count: (filter: ReviewFilter, counts: LabelCounts) => void;
  readonly page: (
    filter: ReviewFilter,
    recipes: readonly KnownRecipe[],
    offset: number,
    limit: number,
  ) => ReviewEntry[];
}

export const eventCountSql = (filter: ReviewFilter): string =>
  `SELECT e.recipe_id AS recipeId, e.class_index AS classIndex, count(*) AS count
   FROM events e INDEXED BY events_by_time WHERE ${condition(filter)} GROUP BY e.recipe_id, e.class_index`;

export const eventPageSql = (filter: ReviewFilter, recipes: readonly KnownRecipe[]): string =>
  `SELECT ${eventColumns} FROM events e INDEXED BY events_by_time LEFT JOIN cameras c ON c.id = e.camera_id
   WHERE ${condition(filter)} AND ${labelCondition(recipes, filter.labels, 'e.recipe_id', 'e.class_index')}
   ORDER BY e.start_ms DESC, e.id DESC LIMIT :limit OFFSET :offset`;

/** An event counts for a time span that it overlaps. Only what the filter names makes its way into the text. */
function condition(filter: ReviewFilter): string {
  const parts: string[] = ['e.best_score >= :minScore'];
  if (filter.untilMs !== null) parts.push('e.start_ms <= :untilMs');
  if (filter.sinceMs !== null) parts.push('(e.end_ms IS NULL OR e.end_ms >= :sinceMs)');
  if (filter.cameraIds.length > 0) parts.push('e.camera_id IN (SELECT value FROM json_each(:cameraIds))');
  if (filter.reviewed !== 'any') parts.push(`e.reviewed = ${filter.reviewed === 'yes' ? 1 : 0}`);
  return parts.join(' AND ');
}

const parameters = (filter: ReviewFilter): Record<string, number | string | null> => ({
  minScore: storedScoreOfStep(scoreStep(toStoredScore(filter.minScore))),
  ...(filter.untilMs === null ? {} : { untilMs: filter.untilMs }),
  ...(filter.sinceMs === null ? {} : { sinceMs: filter.sinceMs }),
  ...(filter.cameraIds.length === 0 ? {} : { cameraIds: JSON.stringify(filter.cameraIds) }),
});

export function createReviewEvents(store: StoreContext): ReviewEvents {
  return {
    count: (filter, counts) => {
      const rows = store.statement(eventCountSql(filter)).all(parameters(filter));
      for (const row of rows as { recipeId: number; classIndex: number; count: number }[]) {
        counts.add(row.recipeId, row.classIndex, row.count);
      }
    },
    page: (filter, recipes, offset, limit) => {
      const rows = store.statement(eventPageSql(filter, recipes)).all({ ...parameters(filter), limit, offset });
      return (rows as EventRow[]).map((row) => {
        const { sourceId: _source, recipeId, classIndex, width, height, ...event } = toEvent(row);
        return {
          kind: 'event',
          ...event,
          label: labelOf(store.recipe(recipeId), classIndex),
          reviewed: row.reviewed === 1,
          sourceWidth: width,
          sourceHeight: height,
        };
      });
    },
  };
}
