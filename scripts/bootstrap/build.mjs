import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { withLock } from './lock.mjs';
import { cacheDir, nodeFile, root } from './paths.mjs';
import { startStep } from './say.mjs';

const outDir = join(root, 'out');
const stampFile = join(outDir, 'build-stamp');
/** Builds under way; renamed to out/ when they are whole. */
const attemptsDir = join(cacheDir, 'builds');
/** What the build reads beside src/. */
const configFiles = ['electron.vite.config.ts', 'package.json', 'package-lock.json', 'tsconfig.base.json'];

/** Builds out/ when it was not made from the sources as they are now. */
export async function ensureBuilt() {
  if (isBuilt()) return;
  await withLock('build', async () => {
    if (!isBuilt()) await build();
  });
}

function isBuilt() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === sourceHash();
}

/** Hash over names and contents of all that goes into the build; tests do not. About 20 ms. */
function sourceHash() {
  const hash = createHash('sha256');
  for (const file of [...sourceFiles(join(root, 'src')), ...configFiles.map((name) => join(root, name))]) {
    const content = readFileSync(file);
    hash.update(`${relative(root, file)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

function sourceFiles(dir) {
  return readdirSync(dir, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(dir, entry.name);
      if (entry.isDirectory()) return sourceFiles(path);
      return /\.(test|night)\.ts$/.test(entry.name) ? [] : [path];
    });
}

/** Builds beside out/ and then swaps, so that neither a failed build nor a running application meets half a build. */
async function build() {
  const done = startStep('building the application');
  const hash = sourceHash();
  removeAttempts();
  const fresh = join(attemptsDir, String(process.pid));
  const previous = `${fresh}-previous`;
  mkdirSync(fresh, { recursive: true });
  try {
    await runElectronVite(['build', '--logLevel', 'warn', '--outDir', fresh]);
    writeFileSync(join(fresh, 'build-stamp'), hash);
    if (existsSync(outDir)) renameSync(outDir, previous);
    renameSync(fresh, outDir);
    done();
  } catch (error) {
    done('failed');
    throw error;
  } finally {
    removeAttempts();
  }
}

/** Also those of builds that were killed: whoever holds the lock is the only one building. */
function removeAttempts() {
  rmSync(attemptsDir, { recursive: true, force: true });
}

/** Runs electron-vite to its end; what it prints is shown only if it fails. */
async function runElectronVite(args) {
  const tool = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  const { code, output } = await new Promise((resolve, reject) => {
    const chunks = [];
    const child = spawn(nodeFile(), [tool, ...args], {
      cwd: root,
      env: { ...process.env, NODE_ENV: 'production', ...(process.stderr.isTTY ? {} : { NO_COLOR: '1' }) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ code: exitCode, output: Buffer.concat(chunks).toString() }));
  });
  if (code !== 0) {
    process.stderr.write(`\n${output}\n`);
    throw new Error(`the build failed (exit ${code}); its messages are above.`);
  }
}
