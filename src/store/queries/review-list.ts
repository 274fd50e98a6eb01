import type { ReviewFilter } from '../../shared/contract/calls.ts';
import { LabelCounts } from '../label-filter.ts';
import type { Operation } from '../store-context.ts';
import { createReviewDetections } from './review-detections.ts';
import { createReviewEvents } from './review-events.ts';

/** Choosing only cameras hides the archive and choosing only jobs hides the cameras, unless the kind says which. */
const showsEvents = ({ kind, cameraIds, jobIds }: ReviewFilter): boolean =>
  kind === 'event' || (kind === 'all' && (cameraIds.length > 0 || jobIds.length === 0));

/** Archive detections have no reviewed mark: a filter for reviewed ones leaves them out. */
const showsDetections = ({ kind, cameraIds, jobIds, reviewed }: ReviewFilter): boolean =>
  reviewed !== 'yes' && (kind === 'detection' || (kind === 'all' && (jobIds.length > 0 || cameraIds.length === 0)));

/** Events first, newest first; then archive detections. `minScore` counts in steps of 0.05, rounded down. */
export const listReview: Operation<'review.list'> = (store) => {
  const recipeIds = store.db.prepare('SELECT id FROM recipes').pluck();
  const events = createReviewEvents(store);
  const detections = createReviewDetections(store);
  return ({ filter, offset, limit }) => {
    const recipes = (recipeIds.all() as number[]).map(store.recipe);
    const wanted = filter.labels.length === 0 ? null : filter.labels;
    const counts = new LabelCounts(store);
    if (showsEvents(filter)) events.count(filter, counts);
    const eventTotal = counts.total(wanted);
    if (showsDetections(filter)) detections.count(filter, counts);
    const total = counts.total(wanted);

    const entries = eventTotal > offset ? events.page(filter, recipes, offset, limit) : [];
    const left = limit - entries.length;
    if (left > 0 && total > offset + entries.length) {
      entries.push(...detections.page(filter, recipes, Math.max(0, offset - eventTotal), left));
    }
    return { total, entries, labels: counts.byCount() };
  };
};
