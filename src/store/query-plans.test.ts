import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ReviewFilter } from '../shared/contract/calls.ts';
import { itemsPageSql } from './queries/items-page.ts';
import { coveragePageSql } from './queries/report-coverage.ts';
import { boxRowsSql, fullFrameSql, itemScansSql } from './queries/report-rows.ts';
import { boxesSql, scansSql, tallySql } from './queries/review-detections.ts';
import { eventCountSql, eventPageSql } from './queries/review-events.ts';
import { openDirectly, type DirectStore } from './testing/direct-store.ts';
import { temporaryFolder } from './testing/store-fixture.ts';

/** What must stay fast with 10^6 rows and more: losing an index, or a sort creeping in, fails here. */
const folder = temporaryFolder();
let store: DirectStore;
beforeAll(() => {
  store = openDirectly(join(folder.path, 'plans.db'));
});
afterAll(() => {
  store.db.close();
  folder.remove();
});

function plan(sql: string, parameters: unknown): string {
  const rows = store.db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(parameters) as { detail: string }[];
  return rows.map(({ detail }) => detail).join('\n');
}
const sorts = /TEMP B-TREE/;
const scansTable = /^SCAN (?!CONSTANT)(?!.*USING COVERING INDEX)/m;

const recipe = { id: 1, modelId: 'm', labels: ['person', 'car'], fps: 5 };
const filter: ReviewFilter = {
  kind: 'all',
  cameraIds: [],
  jobIds: [],
  labels: ['person'],
  minScore: 0.5,
  sinceMs: 1,
  untilMs: 2,
  reviewed: 'any',
};

test('resuming pages through the state index in order of id', () => {
  const found = plan(itemsPageSql, [1, 'pending', 0, 100]);
  expect(found).toContain('SEARCH i USING INDEX items_by_state (job_pk=? AND state=? AND rowid>?)');
  expect(found).not.toMatch(sorts);
});

test('report rows come in order of path and key without sorting', () => {
  const ofJob = plan(itemScansSql(1), { name: 'a', scanId: 1 });
  expect(ofJob).toMatch(/SEARCH i USING INDEX \w+ \(job_pk=\? AND path>\?/);
  expect(ofJob).not.toMatch(sorts);
  const ofAll = plan(itemScansSql('all'), { name: 'a', scanId: 1 });
  expect(ofAll).toContain('SEARCH i USING COVERING INDEX items_by_path');
  expect(ofAll).not.toMatch(/ORDER BY/);
  for (const found of [plan(boxRowsSql, [1, 2, 3]), plan(fullFrameSql, [1, 2, 3, 4])]) {
    expect(found).toBe('SEARCH detections USING PRIMARY KEY (scan_id=? AND frame>? AND frame<?)');
  }
});

test('coverage comes in order of path without sorting', () => {
  for (const items of [1, 'all'] as const) expect(plan(coveragePageSql(items), [10, 0])).not.toMatch(sorts);
  expect(plan(coveragePageSql('all'), [10, 0])).toContain('items_by_path');
});

test('review totals read a job’s tally, never detections', () => {
  const found = plan(tallySql(7), { minStep: 10 });
  expect(found).toContain('SEARCH archive_tally USING PRIMARY KEY (job_pk=?)');
  expect(found).not.toContain('detections');
});

test('review walks scans from the newest, and detections of one scan by key', () => {
  for (const jobPks of [[], [1], [1, 2]]) {
    const found = plan(scansSql(jobPks, [recipe], ['person']), { minStep: 10 });
    expect(found, String(jobPks)).not.toMatch(/TEMP B-TREE FOR ORDER BY/);
    expect(found).not.toContain('detections');
    expect(found).toContain('SEARCH t USING PRIMARY KEY (scan_id=?');
  }
  expect(plan(scansSql([1], [recipe], []), { minStep: 1 })).toContain('items_by_job_scan (job_pk=?');
  const boxes = plan(boxesSql(recipe, ['person']), { scanId: 1, minScore: 1, limit: 1, offset: 1 });
  expect(boxes).toBe('SEARCH d USING PRIMARY KEY (scan_id=?)');
});

test('review events are counted in a covering index and come by time without sorting', () => {
  const count = plan(eventCountSql(filter), { minScore: 1, sinceMs: 1, untilMs: 2 });
  expect(count).toContain('USING COVERING INDEX events_by_time');
  const page = plan(eventPageSql(filter, [recipe]), { minScore: 1, sinceMs: 1, untilMs: 2, limit: 1, offset: 1 });
  expect(page).toContain('SEARCH e USING INDEX events_by_time (start_ms<?)');
  expect(page).not.toMatch(scansTable);
});
