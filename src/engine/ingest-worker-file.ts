import { dirname, extname, join } from 'node:path';

/** Where the ingest worker's code lies: beside the engine's file in a build, in its own folder among the sources. */
export function ingestWorkerFile(engineFile: string): string {
  const folder = dirname(engineFile);
  return extname(engineFile) === '.cjs' ? join(folder, 'ingest.cjs') : join(folder, 'ingest', 'worker.ts');
}
