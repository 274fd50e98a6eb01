import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository root, without a slash at its end. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

/** Kept between runs, ignored by git, and not removed by an install as node_modules is. */
export const cacheDir = join(root, '.cache');

/** The Node that the `node` package installs; the tools and the application need 22 or newer. */
const packagedNode = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

export const oldestNode = 22;

/** Whether this very process may run the tools and the application. */
export const runsOnNewNode = Number(process.versions.node.split('.')[0]) >= oldestNode;

/** The Node to start children with: this one where it is new enough, else the installed one. */
export function nodeFile() {
  if (runsOnNewNode && existsSync(process.execPath)) return process.execPath;
  if (existsSync(packagedNode)) return packagedNode;
  throw new Error(
    `Node ${oldestNode} or newer is needed; this is ${process.versions.node} and the packaged one is missing at ${packagedNode}. ` +
      'Are install scripts switched off (npm config get ignore-scripts)? Then install Node 24 yourself, or switch them on and run npm ci.',
  );
}
