import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { root } from './paths.mjs';
import { startStep } from './say.mjs';

const lockfile = join(root, 'package-lock.json');
/** npm's own record of what lies in node_modules; written last, so absent after an interrupted install. */
const installedFile = join(root, 'node_modules', '.package-lock.json');
/** Hash of the lockfile that node_modules was last found equal to; saves reading both records at every start. */
const stampFile = join(root, 'node_modules', '.nightshift-install');

/** Installs the packages when node_modules is not what the lockfile says. */
export async function ensureInstalled() {
  if (isInstalled()) return;
  await withLock('install', async () => {
    if (!isInstalled()) await install();
  });
}

function isInstalled() {
  if (!existsSync(installedFile)) return false;
  const wantedText = readFileSync(lockfile);
  const hash = createHash('sha256').update(wantedText).digest('hex');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === hash) return true;
  // No stamp of ours: somebody ran `npm ci` or `npm install`, or changed the lockfile.
  const wanted = JSON.parse(wantedText.toString()).packages;
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages;
  if (!holdsAll(wanted, installed)) return false;
  writeFileSync(stampFile, hash);
  return true;
}

/** Optional packages may be missing (other platforms), but what is there has to be the wanted version. */
function holdsAll(wanted, installed) {
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const found = installed[path];
    if (found === undefined) return entry.optional === true || entry.devOptional === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

async function install() {
  const done = startStep('installing the packages of package-lock.json (about 800 MB on disk, usually under a minute)');
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  // npm tells scripts where it lies; the same npm then installs, on the same Node.
  const npm = process.env.npm_execpath;
  const [file, fileArgs, shell] = npm?.endsWith('.js')
    ? [process.execPath, [npm, ...args], false]
    : ['npm', args, process.platform === 'win32'];
  const code = await new Promise((resolve, reject) => {
    const child = spawn(file, fileArgs, { cwd: root, shell, stdio: ['ignore', 2, 2] });
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) {
    throw new Error(`npm ci failed (exit ${code}); its messages are above. Is the package registry reachable?`);
  }
  writeFileSync(stampFile, createHash('sha256').update(readFileSync(lockfile)).digest('hex'));
  done();
}
