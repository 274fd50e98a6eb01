import { forkEngine } from '../app/engine-host/forked-channel.ts';
import type { SpawnEngine } from '../app/ports.ts';

/** The engine as a child of this command, on the same Node. `file` is the built engine entry. */
export const spawnEngineFrom =
  (file: string): SpawnEngine =>
  () =>
    forkEngine({ file, execPath: process.execPath });
