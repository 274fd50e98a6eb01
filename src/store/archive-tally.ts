import type { StoreContext } from './store-context.ts';

/** `archive_tally` rows of the whole archive. */
export const wholeArchive = 0;

/** Boxes of one class and score step that a scan gained. */
export interface TallyDelta {
  readonly classIndex: number;
  readonly scoreStep: number;
  readonly count: number;
}

/**
 * Keeps the totals of jobs and of the whole archive in step with scans and with the items that point to them, so that
 * no total ever counts detections. A scan counts once a job as `held` (review) and once a path as `listed` (reports).
 */
export interface ArchiveTally {
  /** Before `items.scan_id` of the item goes from null to the scan. */
  readonly hold: (item: { id: number; jobPk: number; path: string }, scanId: number) => void;
  /** Before `items.scan_id` of the item goes from the scan to null. */
  readonly letGo: (item: { id: number; jobPk: number; path: string }, scanId: number) => void;
  /** After boxes were added to a scan; `flush` writes what several of these add up to. */
  readonly grow: (scanId: number, recipeId: number, deltas: readonly TallyDelta[]) => void;
  readonly flush: () => void;
  /** Forgets what a rolled-back transaction left unflushed. */
  readonly discard: () => void;
}

interface Sum {
  readonly jobPk: number;
  readonly recipeId: number;
  readonly classIndex: number;
  readonly scoreStep: number;
  held: number;
  listed: number;
}

export function createArchiveTally({ db }: StoreContext): ArchiveTally {
  const tallyOfScan = db.prepare(
    `SELECT s.recipe_id AS recipeId, t.class_index AS classIndex, t.score_step AS scoreStep, t.count AS count
     FROM scan_tally t JOIN scans s ON s.id = t.scan_id WHERE t.scan_id = ?`,
  );
  const otherInJob = db.prepare('SELECT 1 FROM items WHERE scan_id = ? AND job_pk = ? AND id <> ? LIMIT 1').pluck();
  const otherAtAll = db.prepare('SELECT 1 FROM items WHERE scan_id = ? AND id <> ? LIMIT 1').pluck();
  const otherAtPath = db.prepare('SELECT 1 FROM items WHERE path = ? AND scan_id = ? AND id <> ? LIMIT 1').pluck();
  const holders = db.prepare('SELECT job_pk AS jobPk, path FROM items WHERE scan_id = ?');
  const add = db.prepare(
    `INSERT INTO archive_tally (job_pk, recipe_id, class_index, score_step, held, listed) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET held = held + excluded.held, listed = listed + excluded.listed`,
  );
  const sums = new Map<string, Sum>();

  const sum = (jobPk: number, recipeId: number, delta: TallyDelta, held: number, listed: number): void => {
    const key = `${jobPk}/${recipeId}/${delta.classIndex}/${delta.scoreStep}`;
    let entry = sums.get(key);
    if (entry === undefined) {
      entry = { jobPk, recipeId, classIndex: delta.classIndex, scoreStep: delta.scoreStep, held: 0, listed: 0 };
      sums.set(key, entry);
    }
    entry.held += held * delta.count;
    entry.listed += listed * delta.count;
  };
  const flush = (): void => {
    for (const { jobPk, recipeId, classIndex, scoreStep, held, listed } of sums.values()) {
      if (held !== 0 || listed !== 0) add.run(jobPk, recipeId, classIndex, scoreStep, held, listed);
    }
    sums.clear();
  };
  const move = (item: { id: number; jobPk: number; path: string }, scanId: number, sign: 1 | -1): void => {
    const tally = tallyOfScan.all(scanId) as (TallyDelta & { recipeId: number })[];
    if (tally.length === 0) return;
    const inJob = otherInJob.get(scanId, item.jobPk, item.id) === undefined ? sign : 0;
    const atAll = otherAtAll.get(scanId, item.id) === undefined ? sign : 0;
    const atPath = otherAtPath.get(item.path, scanId, item.id) === undefined ? sign : 0;
    for (const delta of tally) {
      sum(item.jobPk, delta.recipeId, delta, inJob, sign);
      sum(wholeArchive, delta.recipeId, delta, atAll, atPath);
    }
    flush();
  };

  return {
    hold: (item, scanId) => move(item, scanId, 1),
    letGo: (item, scanId) => move(item, scanId, -1),
    grow: (scanId, recipeId, deltas) => {
      if (deltas.length === 0) return;
      const held = holders.all(scanId) as { jobPk: number; path: string }[];
      if (held.length === 0) return;
      const itemsByJob = new Map<number, number>();
      for (const { jobPk } of held) itemsByJob.set(jobPk, (itemsByJob.get(jobPk) ?? 0) + 1);
      const paths = new Set(held.map(({ path }) => path)).size;
      for (const delta of deltas) {
        for (const [jobPk, items] of itemsByJob) sum(jobPk, recipeId, delta, 1, items);
        sum(wholeArchive, recipeId, delta, 1, paths);
      }
    },
    flush,
    discard: () => sums.clear(),
  };
}
