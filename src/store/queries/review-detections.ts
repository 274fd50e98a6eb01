import type { ReviewFilter } from '../../shared/contract/calls.ts';
import type { ReviewEntry } from '../../shared/domain/review.ts';
import { wholeArchive } from '../archive-tally.ts';
import { labelCondition, type LabelCounts } from '../label-filter.ts';
import type { KnownRecipe, SourceKind, StoreContext } from '../store-context.ts';
import {
  fromStoredBox,
  fromStoredScore,
  labelOf,
  nominalTimeUs,
  scoreStep,
  storedScoreOfStep,
  toStoredScore,
} from '../stored-numbers.ts';

/**
 * The part of a review that archive detections make up: the newest scanned content first, then by frame and place.
 * Content that several files or jobs share appears once, under its newest file in the chosen jobs.
 * Totals come from tallies, and so does the way to an offset: whole scans are stepped over by their counts.
 */
export interface ReviewDetections {
  /** Adds the label counts of the filter without its own labels. */
  readonly count: (filter: ReviewFilter, counts: LabelCounts) => void;
  readonly page: (
    filter: ReviewFilter,
    recipes: readonly KnownRecipe[],
    offset: number,
    limit: number,
  ) => ReviewEntry[];
}

const minStepOf = (filter: ReviewFilter): number => scoreStep(toStoredScore(filter.minScore));

/** Held by an item of the chosen jobs (of any job where none is chosen). */
const heldIn = (jobPks: readonly number[], scanId: string): string =>
  jobPks.length === 0
    ? `EXISTS (SELECT 1 FROM items i WHERE i.scan_id = ${scanId})`
    : `EXISTS (SELECT 1 FROM items i WHERE i.scan_id = ${scanId} AND i.job_pk IN (${jobPks.join(', ')}))`;

export const tallySql = (jobPk: number): string =>
  `SELECT recipe_id AS recipeId, class_index AS classIndex, sum(held) AS count FROM archive_tally
   WHERE job_pk = ${jobPk} AND score_step >= :minStep GROUP BY recipe_id, class_index`;

/** Several jobs may share scans, so their tallies cannot be added: each scan is counted once. */
export const sharedTallySql = (jobPks: readonly number[]): string =>
  `SELECT s.recipe_id AS recipeId, t.class_index AS classIndex, sum(t.count) AS count
   FROM scan_tally t JOIN scans s ON s.id = t.scan_id
   WHERE t.score_step >= :minStep AND ${heldIn(jobPks, 't.scan_id')} GROUP BY s.recipe_id, t.class_index`;

/** Scans that have something to show, newest first, with how much. One job's come straight from its own index. */
export const scansSql = (
  jobPks: readonly number[],
  recipes: readonly KnownRecipe[],
  labels: readonly string[],
): string => {
  const [onlyJob] = jobPks;
  const from =
    onlyJob !== undefined && jobPks.length === 1
      ? `items held CROSS JOIN scans s ON s.id = held.scan_id
         WHERE held.job_pk = ${onlyJob} AND held.scan_id IS NOT NULL AND s.detections > 0
         GROUP BY held.scan_id ORDER BY held.scan_id DESC`
      : `scans s WHERE s.detections > 0 AND ${heldIn(jobPks, 's.id')} ORDER BY s.id DESC`;
  return `SELECT s.id AS scanId, s.source_id AS sourceId, s.recipe_id AS recipeId,
     (SELECT sum(t.count) FROM scan_tally t WHERE t.scan_id = s.id AND t.score_step >= :minStep
       AND ${labelCondition(recipes, labels, 's.recipe_id', 't.class_index')}) AS count
   FROM ${from}`;
};

export const boxesSql = (recipe: KnownRecipe, labels: readonly string[]): string =>
  `SELECT d.frame, d.ordinal, d.class_index AS classIndex, d.score, d.x, d.y, d.w, d.h, d.late_us AS lateUs
   FROM detections d WHERE d.scan_id = :scanId AND d.score >= :minScore
     AND ${labelCondition([recipe], labels, String(recipe.id), 'd.class_index')}
   ORDER BY d.frame, d.ordinal LIMIT :limit OFFSET :offset`;

const holderSql = (jobPks: readonly number[]): string =>
  `SELECT i.path, j.id AS jobId, src.kind, src.width, src.height
   FROM scans s JOIN sources src ON src.id = s.source_id JOIN items i ON i.scan_id = s.id JOIN jobs j ON j.pk = i.job_pk
   WHERE s.id = ? ${jobPks.length === 0 ? '' : `AND i.job_pk IN (${jobPks.join(', ')})`} ORDER BY i.id DESC LIMIT 1`;

interface FoundScan {
  readonly scanId: number;
  readonly sourceId: number;
  readonly recipeId: number;
  readonly count: number | null;
}
interface Box {
  readonly frame: number;
  readonly ordinal: number;
  readonly classIndex: number;
  readonly score: number;
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
  readonly lateUs: number;
}
interface Holder {
  readonly path: string;
  readonly jobId: string;
  readonly kind: SourceKind;
  readonly width: number | null;
  readonly height: number | null;
}

export function createReviewDetections(store: StoreContext): ReviewDetections {
  /** Null: jobs are chosen, and none of them exists. */
  const chosenJobs = (filter: ReviewFilter): number[] | null => {
    const pks = filter.jobIds.flatMap((id) => store.jobPk(id) ?? []);
    return filter.jobIds.length > 0 && pks.length === 0 ? null : [...new Set(pks)].sort((a, b) => a - b);
  };

  return {
    count: (filter, counts) => {
      const jobPks = chosenJobs(filter);
      if (jobPks === null) return;
      const sql = jobPks.length > 1 ? sharedTallySql(jobPks) : tallySql(jobPks[0] ?? wholeArchive);
      const rows = store.statement(sql).all({ minStep: minStepOf(filter) });
      for (const row of rows as { recipeId: number; classIndex: number; count: number }[]) {
        counts.add(row.recipeId, row.classIndex, row.count);
      }
    },
    page: (filter, recipes, offset, limit) => {
      const jobPks = chosenJobs(filter);
      if (jobPks === null) return [];
      const minStep = minStepOf(filter);
      const minScore = storedScoreOfStep(minStep);
      const entries: ReviewEntry[] = [];
      let toSkip = offset;
      for (const scan of store.statement(scansSql(jobPks, recipes, filter.labels)).iterate({ minStep })) {
        const { scanId, sourceId, recipeId, count } = scan as FoundScan;
        if (count === null || count <= toSkip) {
          toSkip -= count ?? 0;
          continue;
        }
        const recipe = store.recipe(recipeId);
        const holder = store.statement(holderSql(jobPks)).get(scanId) as Holder;
        const wanted = { scanId, minScore, limit: limit - entries.length, offset: toSkip };
        for (const row of store.statement(boxesSql(recipe, filter.labels)).all(wanted)) {
          const box = row as Box;
          entries.push({
            kind: 'detection',
            id: `${sourceId}-${recipeId}-${box.frame}-${box.ordinal}`,
            jobId: holder.jobId,
            path: holder.path,
            frame: box.frame,
            timeMs: (nominalTimeUs(holder.kind, recipe, box.frame) + box.lateUs) / 1000,
            label: labelOf(recipe, box.classIndex),
            score: fromStoredScore(box.score),
            box: fromStoredBox(box.x, box.y, box.w, box.h),
            sourceWidth: holder.width ?? 0,
            sourceHeight: holder.height ?? 0,
          });
        }
        toSkip = 0;
        if (entries.length >= limit) break;
      }
      return entries;
    },
  };
}
