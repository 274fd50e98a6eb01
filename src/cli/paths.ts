import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { defaultDataDir } from '../app/data-dir.ts';

/** Where the parts of the installed application lie: `out/main` of the repository, or of the packaged application. */
export interface HostPaths {
  readonly dataDir: string;
  readonly modelsDir: string;
  readonly resourcesDir: string;
  readonly rendererDir: string;
  readonly storeWorkerFile: string;
  readonly engineFile: string;
  /** Draws demo pictures, as a process of its own. */
  readonly demoImagesFile: string;
}

export function hostPaths(): HostPaths {
  const mainDir = __dirname;
  const appDir = join(mainDir, '..', '..');
  // Native code opens models and clips by path, so a packaged application carries them beside its archive, not inside.
  const beside = join(appDir, '..');
  const extras = existsSync(join(appDir, 'models')) ? appDir : beside;
  return {
    dataDir: defaultDataDir(process.platform, process.env),
    modelsDir: join(extras, 'models'),
    resourcesDir: join(extras, 'resources'),
    rendererDir: join(mainDir, '..', 'renderer'),
    storeWorkerFile: join(unpacked(mainDir), 'store.cjs'),
    engineFile: join(unpacked(mainDir), 'engine.cjs'),
    demoImagesFile: join(unpacked(mainDir), 'demo-images.cjs'),
  };
}

export function version(): string {
  const file = join(dirname(dirname(__dirname)), 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** Workers and children with native packages start from the files outside the archive. */
const unpacked = (dir: string): string => dir.replace(/app\.asar(?=[\\/]|$)/, 'app.asar.unpacked');
