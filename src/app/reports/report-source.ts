import type {
  CoverageRow,
  ReportDetection,
  ReportMeta,
  ReportScope,
  ReportTotals,
} from '../../shared/domain/report.ts';
import { NightshiftError } from '../../shared/errors.ts';
import type { StoreClient } from '../../store/operations.ts';

/** Everything a format writes. Rows and coverage are read page by page: a report may be larger than the memory. */
export interface ReportSource {
  readonly meta: ReportMeta;
  /** The scope by name instead of by id: what a file says, the same in every data folder. */
  readonly names: { readonly job: string | null; readonly camera: string | null };
  /** Files of the scan may have ids of a list. */
  readonly hasIds: boolean;
  readonly totals: ReportTotals;
  /** 24 numbers by hour of the day, or 10 by tenth of the footage. */
  readonly density: readonly number[];
  readonly coverage: () => AsyncIterable<readonly CoverageRow[]>;
  readonly rows: () => AsyncIterable<readonly ReportDetection[]>;
}

/** Coverage pages by offset, so large pages keep the whole from growing with the square of the ledger. */
const coverageAPage = 5_000;
const rowsAPage = 2_000;

/** Reads the report's head from the store. A job or camera that does not exist is `not-found`. */
export async function openReport(store: StoreClient, scope: ReportScope): Promise<ReportSource> {
  const { hasIds, ...names } = await namesOf(store, scope);
  const [totals, recipes, density] = await Promise.all([
    store.call('report.totals', scope),
    store.call('report.recipes', scope),
    store.call('report.density', scope),
  ]);
  return {
    meta: { format: 'nightshift-report', version: 1, title: titleOf(names), scope, recipes },
    names,
    hasIds,
    totals,
    density,
    coverage: () => coveragePages(store, scope),
    rows: () => rowPages(store, scope),
  };
}

const titleOf = ({ job, camera }: ReportSource['names']): string =>
  [job, camera].filter((name) => name !== null).join(' and ') || 'Everything';

async function namesOf(
  store: StoreClient,
  { jobId, cameraId }: ReportScope,
): Promise<ReportSource['names'] & Pick<ReportSource, 'hasIds'>> {
  const job = jobId === null ? null : await store.call('jobs.get', { id: jobId });
  if (jobId !== null && job === null) {
    throw new NightshiftError({
      kind: 'not-found',
      message: `There is no job ${jobId}.`,
      where: jobId,
      hint: 'Choose one of the jobs that the Jobs page or the jobs command lists.',
    });
  }
  return {
    job: job?.name ?? null,
    camera: cameraId === null ? null : await cameraName(store, cameraId),
    hasIds: job !== null && job.spec.lists.length > 0,
  };
}

/** A camera that was removed is still named by what it has left in the store. */
async function cameraName(store: StoreClient, cameraId: string): Promise<string> {
  const listed = (await store.call('cameras.list', undefined)).find(({ id }) => id === cameraId);
  if (listed !== undefined) return listed.name;
  const scope = { jobId: null, cameraId, sinceMs: null, untilMs: null };
  const { rows } = await store.call('report.coverage', { scope, offset: 0, limit: 1 });
  if (rows[0] !== undefined) return rows[0].source;
  throw new NightshiftError({
    kind: 'not-found',
    message: `There is no camera ${cameraId}.`,
    where: cameraId,
    hint: 'Choose one of the cameras that the Cameras page or the cameras command lists.',
  });
}

async function* coveragePages(store: StoreClient, scope: ReportScope): AsyncGenerator<readonly CoverageRow[]> {
  for (let offset = 0; ; offset += coverageAPage) {
    const { rows } = await store.call('report.coverage', { scope, offset, limit: coverageAPage });
    if (rows.length > 0) yield rows;
    if (rows.length < coverageAPage) return;
  }
}

async function* rowPages(store: StoreClient, scope: ReportScope): AsyncGenerator<readonly ReportDetection[]> {
  let after: string | null = null;
  do {
    const page: { rows: readonly ReportDetection[]; next: string | null } = await store.call('report.rows', {
      scope,
      after,
      limit: rowsAPage,
    });
    if (page.rows.length > 0) yield page.rows;
    after = page.next;
  } while (after !== null);
}
