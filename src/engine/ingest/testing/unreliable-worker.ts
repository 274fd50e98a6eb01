import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** The ingest worker with an unlucky disk: some names end the thread, others never answer. */
const { openSync } = fs;
fs.openSync = (path, ...rest) => {
  if (String(path).includes('deadly')) process.exit(134);
  if (String(path).includes('silent')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  return openSync(path, ...rest);
};
syncBuiltinESMExports();
await import('../worker.ts');
