import path from 'node:path';

/** Where the parts of this build lie. */
export interface HostFiles {
  readonly engineFile: string;
  readonly storeWorkerFile: string;
  readonly preloadFile: string;
  readonly rendererDir: string;
  readonly modelsDir: string;
  readonly resourcesDir: string;
}

/**
 * `extrasDir` holds models and footage: native code opens them by path, so a packaged application carries them beside
 * its archive. Children and workers with native packages start from the files unpacked from it.
 */
export function hostFiles(appPath: string, extrasDir: string): HostFiles {
  const out = path.join(appPath, 'out');
  const unpacked = out.replace(/app\.asar(?=[\\/]|$)/, 'app.asar.unpacked');
  return {
    engineFile: path.join(unpacked, 'main', 'engine.cjs'),
    storeWorkerFile: path.join(unpacked, 'main', 'store.cjs'),
    preloadFile: path.join(out, 'preload', 'index.cjs'),
    rendererDir: path.join(out, 'renderer'),
    modelsDir: path.join(extrasDir, 'models'),
    resourcesDir: path.join(extrasDir, 'resources'),
  };
}
