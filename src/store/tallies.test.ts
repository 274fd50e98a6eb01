import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openDirectly, type DirectStore } from './testing/direct-store.ts';
import { content, found, job, recipe, seen, temporaryFolder } from './testing/store-fixture.ts';

/** Few of everything, so that jobs, paths, contents and recipes meet often. */
const jobIds = ['j0', 'j1'];
const paths = ['/a', '/b', '/c'];
const contents = ['x', 'y'];
const hashes = ['r0', 'r1'];

type Step =
  | { readonly do: 'find'; readonly job: number; readonly path: number; readonly mtime: number }
  | {
      readonly do: 'bind';
      readonly job: number;
      readonly path: number;
      readonly content: number;
      readonly recipe: number;
    }
  | {
      readonly do: 'commit';
      readonly content: number;
      readonly recipe: number;
      readonly from: number;
      readonly length: number;
    }
  | { readonly do: 'finish' | 'fail'; readonly job: number; readonly path: number }
  | { readonly do: 'retry' | 'end'; readonly job: number };

const index = (length: number) => fc.nat({ max: length - 1 });
const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('find' as const), job: index(2), path: index(3), mtime: index(2) }),
  fc.record({ do: fc.constant('bind' as const), job: index(2), path: index(3), content: index(2), recipe: index(2) }),
  fc.record({
    do: fc.constant('commit' as const),
    content: index(2),
    recipe: index(2),
    from: index(12),
    length: index(6),
  }),
  fc.record({ do: fc.constantFrom('finish' as const, 'fail' as const), job: index(2), path: index(3) }),
  fc.record({ do: fc.constantFrom('retry' as const, 'end' as const), job: index(2) }),
);

function apply(store: DirectStore, step: Step, run: number): void {
  const itemId = (jobIndex: number, path: number): number | undefined =>
    store.db
      .prepare('SELECT i.id FROM items i JOIN jobs j ON j.pk = i.job_pk WHERE j.id = ? AND path = ?')
      .pluck()
      .get(jobIds[jobIndex], paths[path]) as number | undefined;
  switch (step.do) {
    case 'find': {
      const items = [found(paths[step.path] as string, 'video', 10, step.mtime)];
      store.call('items.found', { jobId: jobIds[step.job] as string, run, items });
      return;
    }
    case 'bind': {
      const id = itemId(step.job, step.path);
      const { recipeId } = store.call('recipes.ensure', recipe(hashes[step.recipe]));
      const source = content(contents[step.content] as string, 'video');
      if (id !== undefined) store.call('items.bind', { itemId: id, source, recipeId, expectedFrames: null });
      return;
    }
    case 'commit': {
      const { recipeId } = store.call('recipes.ensure', recipe(hashes[step.recipe]));
      const { sourceId } = store.call('sources.ensure', content(contents[step.content] as string, 'video'));
      const rows = Array.from({ length: step.length }, (_, i) => ({
        frame: step.from + i,
        timeMs: (step.from + i) * 200,
        detections: Array.from({ length: (step.from + i) % 3 }, (__, k) =>
          seen(k, ((step.from + i + k) % 11) / 10, [k, 1, 2, 3]),
        ),
      }));
      const looked = [[step.from, step.from + step.length]] as const;
      store.call('results.commit', { commits: [{ sourceId, recipeId, rows, looked }], items: [] });
      return;
    }
    case 'finish': {
      const id = itemId(step.job, step.path);
      if (id === undefined) return;
      const ended = { state: 'done', failureKind: null, failureReason: null } as const;
      store.call('results.commit', { commits: [], items: [{ itemId: id, cursor: 5, ended, expectedFrames: 5 }] });
      return;
    }
    case 'fail': {
      const id = itemId(step.job, step.path);
      if (id !== undefined) store.call('items.fail', { itemId: id, state: 'failed', kind: 'undecodable', reason: 'r' });
      return;
    }
    case 'retry':
      store.call('items.retry', { jobId: jobIds[step.job] as string });
      return;
    case 'end':
      store.call('items.endFound', { jobId: jobIds[step.job] as string, run });
      return;
  }
}

/** The same figures, counted from the rows themselves. */
function counted(store: DirectStore, jobId: string | null) {
  const inJob = jobId === null ? '' : `WHERE j.id = '${jobId}'`;
  const boxes = (held: string): Record<string, number> =>
    Object.fromEntries(
      (
        store.db
          .prepare(
            `SELECT d.class_index AS c, count(*) AS n FROM (${held}) h JOIN detections d ON d.scan_id = h.scan_id
             WHERE d.score >= ? GROUP BY c ORDER BY c`,
          )
          .all(0) as { c: number; n: number }[]
      ).map(({ c, n }) => [recipe().labels[c] ?? '', n]),
    );
  const from = `FROM items i JOIN jobs j ON j.pk = i.job_pk ${inJob}`;
  return {
    listed: boxes(`SELECT DISTINCT i.path, i.scan_id ${from}`),
    held: boxes(`SELECT DISTINCT i.scan_id ${from}`),
  };
}

test('every tally equals what counting the rows gives, whatever happens in whatever order', () => {
  const folder = temporaryFolder();
  try {
    let number = 0;
    fc.assert(
      fc.property(fc.array(steps, { minLength: 5, maxLength: 40 }), (sequence) => {
        const store = openDirectly(join(folder.path, `${number++}.db`));
        try {
          jobIds.forEach((id) => store.call('jobs.save', job(id)));
          sequence.forEach((step, run) => apply(store, step, run));
          for (const jobId of [null, ...jobIds]) {
            const { listed, held } = counted(store, jobId);
            const scope = { jobId, cameraId: null, sinceMs: null, untilMs: null };
            const totals = store.call('report.totals', scope);
            expect(totals.byClass).toEqual(listed);
            const filter = {
              kind: 'detection',
              cameraIds: [],
              jobIds: jobId === null ? [] : [jobId],
              labels: [],
              minScore: 0,
              sinceMs: null,
              untilMs: null,
              reviewed: 'any',
            } as const;
            const review = store.call('review.list', { filter, offset: 0, limit: 500 });
            expect(Object.fromEntries(review.labels.map(({ label, count }) => [label, count]))).toEqual(held);
            expect(review.entries).toHaveLength(review.total);
            expect(store.call('report.rows', { scope, after: null, limit: 5_000 }).rows).toHaveLength(
              totals.detections,
            );
            expect(store.call('report.coverage', { scope, offset: 0, limit: 100 }).rows).toHaveLength(totals.sources);
          }
          const both = { kind: 'detection', cameraIds: [], jobIds, labels: [], minScore: 0 } as const;
          const shared = { ...both, sinceMs: null, untilMs: null, reviewed: 'any' } as const;
          const all = store.call('review.list', { filter: { ...shared, jobIds: [] }, offset: 0, limit: 500 });
          expect(store.call('review.list', { filter: shared, offset: 0, limit: 500 })).toEqual(all);
          for (const id of jobIds) {
            const expected = store.db
              .prepare(
                `SELECT count(*) AS total, total(i.kind = 'picture') AS pictures, total(i.state = 'pending') AS pending, total(i.state = 'done') AS done,
                   total(i.state IN ('failed', 'quarantined', 'missing')) AS failed, total(s.frames) AS frames,
                   total(s.detections) AS detections, total(i.expected_frames) AS expectedFrames,
                   total(i.expected_frames IS NULL) AS unknownItems
                 FROM items i JOIN jobs j ON j.pk = i.job_pk LEFT JOIN scans s ON s.id = i.scan_id WHERE j.id = ?`,
              )
              .get(id);
            expect(store.call('jobs.totals', { id })).toEqual(expected);
          }
          const looked = store.db.prepare('SELECT total("end" - start) FROM looked').pluck().get();
          expect(store.db.prepare('SELECT total(frames) FROM scans').pluck().get()).toBe(looked);
        } finally {
          store.db.close();
        }
      }),
      { numRuns: 60 },
    );
  } finally {
    folder.remove();
  }
});
