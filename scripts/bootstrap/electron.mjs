import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { nodeFile, root } from './paths.mjs';
import { runProgram } from './run.mjs';
import { say, startStep } from './say.mjs';

const electronDir = join(root, 'node_modules', 'electron');
/** Where a failed download is remembered: node_modules, so that an install forgets it. */
const refusalFile = join(root, 'node_modules', '.cache', 'nightshift', 'electron-download-failed');
const downloadLimitMs = 20_000;

/** The Electron to open a window with, or why there is none. */
export async function findElectron() {
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
    return { file: null, reason: 'there is no display' };
  }
  const file = downloadedElectron() ?? ((await download()) ? downloadedElectron() : null);
  return file === null ? { file, reason: "Electron's download host is out of reach" } : { file };
}

/** Starts Electron and ends as it ends. */
export async function runElectron(file, args) {
  const env = { ...process.env };
  // Set by editors that are Electron themselves; it would make a plain Node of ours.
  delete env.ELECTRON_RUN_AS_NODE;
  const asRoot = process.platform === 'linux' && process.getuid?.() === 0;
  if (asRoot) say('running as root: Chromium refuses its sandbox there, so the window opens without it');
  return runProgram(file, asRoot ? ['--no-sandbox', ...args] : args, env);
}

/** The binary that the electron package has downloaded, or null. */
function downloadedElectron() {
  const pathFile = join(electronDir, 'path.txt');
  if (!existsSync(pathFile)) return null;
  const dist = process.env.ELECTRON_OVERRIDE_DIST_PATH || join(electronDir, 'dist');
  const file = join(dist, readFileSync(pathFile, 'utf8').trim());
  return existsSync(file) ? file : null;
}

/** Tries the download once for each lockfile. */
async function download() {
  const lockHash = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(refusalFile) && readFileSync(refusalFile, 'utf8') === lockHash) return false;
  const done = startStep(`downloading Electron (once, ${downloadLimitMs / 1000} s at most)`);
  const succeeded = await new Promise((resolve) => {
    const child = spawn(nodeFile(), [join(electronDir, 'install.js')], { cwd: root, stdio: 'ignore' });
    const timer = setTimeout(() => child.kill('SIGKILL'), downloadLimitMs);
    child.on('error', () => resolve(false));
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve(code === 0 && downloadedElectron() !== null);
    });
  });
  done(succeeded ? 'done' : 'not possible here');
  if (!succeeded) {
    mkdirSync(dirname(refusalFile), { recursive: true });
    writeFileSync(refusalFile, lockHash);
  }
  return succeeded;
}
