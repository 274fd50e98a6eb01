import { join } from 'node:path';
import { develop } from './develop.mjs';
import { findElectron, runElectron } from './electron.mjs';
import { nodeFile, root } from './paths.mjs';
import { runProgram, runScript } from './run.mjs';
import { say } from './say.mjs';

const cli = join(root, 'out', 'main', 'cli.cjs');
const script = (name) => join(root, 'scripts', name);

/** Opens the window; where there can be none, serves the same application to the browser. */
async function start(args) {
  const electron = await findElectron();
  if (electron.file !== null) return runElectron(electron.file, [root, ...args]);
  say(`${electron.reason}: the application opens in the browser instead`);
  return runScript(cli, ['serve', ...args]);
}

/**
 * What `npm run NAME` does. `needsBuild`: out/ has to be as the sources are; `run` gets the words after `--` and either
 * ends the process or leaves the command running in it.
 */
export const commands = {
  start: { needsBuild: true, run: start },
  dev: { needsBuild: true, run: develop },
  nightshift: { needsBuild: true, run: (args) => runScript(cli, args) },
  demo: { needsBuild: true, run: (args) => runScript(cli, ['demo', ...args]) },
  build: { needsBuild: true, run: () => undefined },
  check: { needsBuild: false, run: (args) => runScript(script('check.ts'), args) },
  format: {
    needsBuild: false,
    run: () => runProgram(nodeFile(), [join(root, 'node_modules/prettier/bin/prettier.cjs'), '--write', '.']),
  },
  test: { needsBuild: true, run: (args) => runScript(script('test.ts'), args) },
  'test:unit': { needsBuild: true, run: (args) => runScript(script('test.ts'), ['unit', ...args]) },
  'test:night': { needsBuild: true, run: (args) => runScript(script('test.ts'), ['night', ...args]) },
  e2e: { needsBuild: true, run: (args) => runScript(script('test.ts'), ['e2e', ...args]) },
  'fetch:cuda': { needsBuild: false, run: (args) => runScript(script('fetch-cuda.mjs'), args) },
  bench: { needsBuild: false, run: (args) => runScript(join(root, 'bench', 'index.ts'), args) },
  package: { needsBuild: true, run: (args) => runScript(script('package.ts'), args) },
};
