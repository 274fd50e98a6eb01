import type { JobSpec } from '../../shared/domain/job.ts';
import { NightshiftError } from '../../shared/errors.ts';
import type { StoreClient, StoredJob } from '../../store/operations.ts';
import type { Log } from '../ports.ts';
import { foundPages, type FoundPage } from './found-pages.ts';
import type { LeftOut } from './left-out.ts';
import type { RunMeter } from './run-meter.ts';
import type { ScanSources } from './scan-sources.ts';
import { asAway } from './scanned-root.ts';
import { SourceAway } from './source-away.ts';

export interface FindItemsDeps {
  readonly store: StoreClient;
  readonly log: Log;
  readonly meter: RunMeter;
  readonly signal: AbortSignal;
  readonly sources: ScanSources;
  readonly leftOut: LeftOut;
  /** Of the enumeration: greater than those of earlier ones. */
  readonly run: number;
  /** A page is in the ledger. */
  readonly paged: () => void;
}

/**
 * Writes the job's ledger: what there is now, and what is gone. Rejects where nothing is found, and when it is told to
 * stop; with `SourceAway` where a scanned place is gone as a whole, and then nothing is counted as gone.
 */
export async function findItems({ id: jobId, spec }: StoredJob, deps: FindItemsDeps): Promise<void> {
  const { store, log, meter, signal, sources, run, paged } = deps;
  const leftOut = (sentence: string): void => {
    log.warn('left out of a scan', { jobId, sentence });
    deps.leftOut.add(sentence);
  };
  const listed = (folder: string): void => {
    sources.listed(folder);
  };
  await sources.areThere();
  for await (const { items, rowOf } of awayTold(foundPages(spec, { signal, leftOut, listed }))) {
    const { undone, otherIds } = await store.call('items.found', { jobId, run, items });
    for (const { index, id } of otherIds) {
      leftOut(`${rowOf(index) ?? ''}: ${items[index]?.path ?? ''} is in the scan already, under the id ${id}`);
    }
    meter.undone += undone;
    meter.found += items.length;
    meter.foundPictures += items.filter((item) => item.kind === 'picture').length;
    paged();
    signal.throwIfAborted();
  }
  await sources.areThere();
  if (meter.found === 0) throw nothingFound(spec, (await store.call('jobs.totals', { id: jobId })).total);
  await store.call('items.endFound', { jobId, run });
}

async function* awayTold(found: AsyncIterable<FoundPage>): AsyncGenerator<FoundPage> {
  try {
    yield* found;
  } catch (caught) {
    throw asAway(caught);
  }
}

function nothingFound({ paths, lists, recursive, include, exclude }: JobSpec, before: number): NightshiftError {
  const where = [...paths, ...lists].join(', ');
  if (before > 0) {
    return new SourceAway({
      kind: 'unreachable',
      message: `Of the ${String(before)} files that were found before, none is there now.`,
      where,
      hint: 'Check that the drive or share is mounted, then resume the scan. No file was counted as missing.',
    });
  }
  const isFiltered = include.length + exclude.length > 0;
  return new NightshiftError({
    kind: 'bad-input',
    message: 'No pictures or videos were found.',
    where,
    hint: !recursive
      ? 'Only this folder itself was looked at; turn on "recursive" for the folders below it.'
      : isFiltered
        ? 'Check the patterns of what is wanted and what is left out.'
        : 'Check the path; hidden and unknown file types are left out.',
  });
}
