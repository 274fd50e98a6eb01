import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { pathToFileURL } from 'node:url';
import { nodeFile, root, runsOnNewNode } from './paths.mjs';

/**
 * Runs a script of the project on a new enough Node as if it had been started alone: in this process where that Node
 * is this one, else in a child with the same terminal, signals and exit code.
 */
export async function runScript(file, args, env = {}) {
  Object.assign(process.env, env);
  if (!runsOnNewNode) return runProgram(nodeFile(), [file, ...args]);
  process.argv = [process.execPath, file, ...args];
  await import(pathToFileURL(file).href);
}

/** Runs another program to its end and ends as it did. Never returns. */
export async function runProgram(file, args, env = process.env) {
  const child = spawn(file, args, { cwd: process.cwd(), env, stdio: 'inherit' });
  const forwarded = process.platform === 'win32' ? [] : ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'];
  for (const signal of forwarded) {
    process.on(signal, () => {
      // Ctrl-C in a terminal reaches the whole process group by itself; twice would mean "at once".
      if (signal === 'SIGINT' && process.stdin.isTTY) return;
      child.kill(signal);
    });
  }
  const { code, signal } = await new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new Error(`cannot start ${file}: ${error.message}`)));
    child.on('close', (exitCode, exitSignal) => resolve({ code: exitCode, signal: exitSignal }));
  });
  process.exit(code ?? 128 + constants.signals[signal]);
}

/** Runs a package's command-line tool (its script inside node_modules) on a new enough Node; resolves to its exit code. */
export async function runTool(script, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(nodeFile(), [script, ...args], {
      cwd: root,
      env: { ...process.env, ...options.env },
      stdio: options.stdio ?? 'inherit',
    });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
