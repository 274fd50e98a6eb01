import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import chromium from '@sparticuz/chromium';
import { root } from './build-tools.ts';
import { electronRuntime } from './electron-runtime.ts';
import { sqliteBinding } from './sqlite-binding.ts';

/** A program that can show the application, with the environment it needs; or why this machine has none. */
export type Host =
  { readonly binary: string; readonly env: Readonly<Record<string, string>> } | { readonly missing: string };

export interface Hosts {
  readonly browser: Host;
  readonly electron: Host;
}

/** Looks for both hosts; the first call on a machine downloads and builds for about a minute. */
export async function findHosts(): Promise<Hosts> {
  return { browser: await usable(findChromium), electron: await usable(findElectron) };
}

async function usable(find: () => Promise<Host>): Promise<Host> {
  try {
    const host = await find();
    if ('missing' in host) return host;
    const libraries = await missingLibraries(host.binary);
    return libraries.length === 0 ? host : { missing: `${host.binary} needs ${libraries.join(', ')}` };
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) };
  }
}

/** The headless Chromium of the npm package where it runs, else one of the system's. */
async function findChromium(): Promise<Host> {
  if (process.platform === 'linux' && process.arch === 'x64')
    return { binary: await chromium.executablePath(), env: {} };
  const folders = (process.env.PATH ?? '').split(delimiter);
  const installed = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .concat('/Applications/Google Chrome.app/Contents/MacOS/Google Chrome')
    .find((path) => existsSync(path));
  return installed === undefined ? { missing: 'no Chromium or Chrome is installed' } : { binary: installed, env: {} };
}

/** The official Electron where it has been downloaded (`npm start` does), else the test runtime. */
async function findElectron(): Promise<Host> {
  if (process.platform === 'linux' && !process.env.DISPLAY) {
    return { missing: 'there is no display (and no Xvfb to make one)' };
  }
  const official = officialElectron();
  if (official !== null) return { binary: official, env: {} };
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return {
      missing: 'Electron has not been downloaded (npm start tries), and the test runtime is for Linux x64 only',
    };
  }
  return {
    binary: await electronRuntime(),
    env: {
      NIGHTSHIFT_SQLITE_BINDING: await sqliteBinding(),
      NIGHTSHIFT_ENGINE_NODE: join(root, 'node_modules', 'node', 'bin', 'node'),
    },
  };
}

function officialElectron(): string | null {
  const folder = join(root, 'node_modules', 'electron');
  const pathFile = join(folder, 'path.txt');
  if (!existsSync(pathFile)) return null;
  const binary = join(folder, 'dist', readFileSync(pathFile, 'utf8').trim());
  return existsSync(binary) ? binary : null;
}

async function missingLibraries(binary: string): Promise<readonly string[]> {
  if (process.platform !== 'linux') return [];
  const { stdout } = await promisify(execFile)('ldd', [binary]);
  return stdout
    .split('\n')
    .filter((line) => line.includes('not found'))
    .map((line) => line.trim().split(' ')[0] ?? line);
}
