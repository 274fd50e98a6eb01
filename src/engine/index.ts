import { Engine } from './engine.ts';
import { openHostChannel } from './host-channel.ts';
import { ingestWorkerFile } from './ingest-worker-file.ts';
import { machineClock } from './ingest/clock.ts';
import { createIngest } from './ingest/create-ingest.ts';
import { engineVersions } from './versions.ts';

const workerFile = ingestWorkerFile(import.meta.filename);

// Ctrl+C in a terminal reaches every process of the group; the host decides what it means and tells us.
process.on('SIGINT', () => undefined);

new Engine({
  channel: openHostChannel(),
  clock: machineClock,
  createIngest: ({ archiveWindow, maxPixels }) => createIngest({ workerFile, archiveWindow, maxPixels }),
  versions: engineVersions,
  // An orderly exit waits for its threads, and one inside a native read may take seconds.
  exit: (clean) => void (clean ? process.exit(0) : process.kill(process.pid, 'SIGKILL')),
});
