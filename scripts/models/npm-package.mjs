import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Fetches a package (without its dependencies) into a temporary folder, calls `use` with the folder of its files and
 * removes everything again. Nothing of the package is run.
 */
export function withNpmPackage(name, version, use) {
  const folder = mkdtempSync(join(tmpdir(), 'nightshift-model-'));
  // On Windows npm is a .cmd file, which only a shell can start.
  const options = { cwd: folder, encoding: 'utf8', shell: process.platform === 'win32' };
  try {
    console.log(`fetching ${name}@${version}`);
    const archive = execFileSync('npm', ['pack', '--silent', `${name}@${version}`], options).trim();
    execFileSync('tar', ['-xzf', archive], options);
    return use(join(folder, 'package'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
