import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { findElectron } from './electron.mjs';
import { nodeFile, root } from './paths.mjs';
import { runProgram } from './run.mjs';
import { say } from './say.mjs';

/** Editors save in several writes; the last one counts. */
const settleMs = 200;

/** The application with its sources watched: in a window with hot reload, or rebuilt and served again on change. */
export async function develop(args) {
  const electron = await findElectron();
  if (electron.file !== null) {
    const tool = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
    return runProgram(nodeFile(), [tool, 'dev', '--watch', ...(args.length > 0 ? ['--', ...args] : [])]);
  }
  say(`${electron.reason}: serving in the browser, rebuilt and restarted when a source changes`);
  serveAndWatch(args);
}

function serveAndWatch(args) {
  let server = startServer(args);
  let restarting = false;
  let changedAgain = false;

  const restart = async () => {
    changedAgain = restarting;
    if (restarting) return;
    restarting = true;
    try {
      await ensureBuilt();
      await stopServer(server);
      server = startServer([...args, '--no-open']);
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    }
    restarting = false;
    if (changedAgain) await restart();
  };

  let timer;
  watch(join(root, 'src'), { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(restart, settleMs);
  });
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, async () => {
      await stopServer(server);
      process.exit(0);
    });
  }
}

function startServer(args) {
  const cli = join(root, 'out', 'main', 'cli.cjs');
  return spawn(nodeFile(), [cli, 'serve', ...args], { cwd: root, stdio: 'inherit' });
}

async function stopServer(server) {
  if (server.exitCode !== null || server.signalCode !== null) return;
  await new Promise((resolve) => {
    server.once('close', resolve);
    server.kill('SIGTERM');
  });
}
