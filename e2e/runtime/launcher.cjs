// Main script of the Electron test runtime (copied to its resources/app). That runtime has no default_app.asar, the
// part of Electron that takes an app folder from the command line; this does the same in a few lines: the first
// argument that is no switch is the app's folder, and the app sees argv as `electron FOLDER ...rest`.
'use strict';
const { readFileSync } = require('node:fs');
const { join, resolve } = require('node:path');
const { app } = require('electron');

const args = process.argv.slice(1);
const at = args.findIndex((argument) => !argument.startsWith('-'));
if (at < 0) {
  console.error('the test runtime wants an app folder');
  app.exit(2);
} else {
  const folder = resolve(args[at]);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  process.argv = [process.argv[0], folder, ...args.slice(at + 1)];
  app.setName(manifest.productName ?? manifest.name);
  app.setVersion(manifest.version ?? '0.0.0');
  app.setAppPath(folder);
  require(join(folder, manifest.main));
}
