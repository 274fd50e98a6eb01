import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { defaultDataDir } from '../app/data-dir.ts';

/** `--data DIR` or `--data=DIR`, else NIGHTSHIFT_DATA, else the user's own. Absolute. */
export function chosenDataDir(argv: readonly string[], env: NodeJS.ProcessEnv, platform: string): string {
  const at = argv.findIndex((word) => word === '--data' || word.startsWith('--data='));
  const word = argv[at];
  const given = word === '--data' ? argv[at + 1] : word?.slice('--data='.length);
  return path.resolve(given === undefined || given === '' ? defaultDataDir(platform, env) : given);
}

/** Electron's own files (caches, its single-instance lock) get a folder inside, so that the lock is one a data folder. */
export function prepareDataDir(dataDir: string): { readonly windowDir: string } {
  const windowDir = path.join(dataDir, 'window');
  mkdirSync(windowDir, { recursive: true, mode: 0o700 });
  return { windowDir };
}
