// Every npm script goes through here, so that each of them works as the first command in a fresh clone:
// install when the lockfile changed, build when the sources changed, then run the command on the project's own Node.
//
// This file and its folder run on the machine's Node (20 or newer), possibly before anything is installed: built-ins
// only, and never a native package. Nothing here writes to stdout, which belongs to the command (`--json`).
import { commands } from './bootstrap/commands.mjs';
import { ensureBuilt } from './bootstrap/build.mjs';
import { ensureInstalled } from './bootstrap/install.mjs';
import { say } from './bootstrap/say.mjs';

const [name = '', ...args] = process.argv.slice(2);
const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
if (command === undefined) {
  say(`unknown command "${name}". There are: ${Object.keys(commands).join(', ')}.`);
  process.exit(2);
}
try {
  await ensureInstalled();
  if (command.needsBuild) await ensureBuilt();
  await command.run(args);
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
