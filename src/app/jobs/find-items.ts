import type { Clock } from '../../core/ports.ts';
import { NightshiftError } from '../../shared/errors.ts';
import type { StoreClient, StoredJob } from '../../store/operations.ts';
import type { Log } from '../ports.ts';
import { enumerateItems } from './enumerate.ts';
import type { RunMeter } from './run-meter.ts';

export interface FindItemsDeps {
  readonly store: StoreClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: RunMeter;
  readonly signal: AbortSignal;
  /** A folder below the scanned ones that could not be looked into. */
  readonly unreadable: (folder: string) => void;
  readonly changed: () => void;
}

/** Writes the job's ledger: what there is now, and what is gone. Rejects where nothing is found, and when it is told to stop. */
export async function findItems({ id: jobId, spec }: StoredJob, deps: FindItemsDeps): Promise<void> {
  const { store, clock, log, meter, signal, unreadable, changed } = deps;
  const run = clock.epochMs();
  const { paths, recursive } = spec;
  for await (const items of enumerateItems({
    paths,
    recursive,
    signal,
    unreadable: (folder, error) => {
      log.warn('a folder was left out', { folder, error: error.message });
      unreadable(folder);
    },
  })) {
    await store.call('items.found', { jobId, run, items });
    meter.found += items.length;
    meter.foundPictures += items.filter((item) => item.kind === 'picture').length;
    changed();
    signal.throwIfAborted();
  }
  await store.call('items.endFound', { jobId, run });
  if (meter.found > 0) return;
  throw new NightshiftError({
    kind: 'bad-input',
    message: 'No pictures or videos were found.',
    where: paths.join(', '),
    hint: recursive
      ? 'Check the path; hidden and unknown file types are left out.'
      : 'Only this folder itself was looked at; turn on "recursive" for the folders below it.',
  });
}
