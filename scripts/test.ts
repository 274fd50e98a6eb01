import { spawn } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  addCounts,
  countPlaywright,
  countVitest,
  describeCounts,
  playwrightSkips,
  type Counts,
} from './testing/counts.ts';
import { acceptSkips } from './testing/skips.ts';
import { openVirtualDisplay } from './testing/virtual-display.ts';

// `npm test` and its parts: unit tests (vitest), then the application in both of its hosts (playwright). The last line
// is always `N passed, N failed, N skipped` over everything that ran.

const root = join(import.meta.dirname, '..');
const results = join(root, 'test-results');

interface Run {
  readonly counts: Counts;
  readonly exitCode: number;
}

async function runTool(command: readonly string[], env: Readonly<Record<string, string>>): Promise<number> {
  const [file = '', ...args] = command;
  const child = spawn(file, args, { cwd: root, env: { ...process.env, ...env }, stdio: 'inherit' });
  // npm and this process hear Ctrl-C too; the tool ends by itself and its result still counts.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      resolve(code ?? 1);
    });
  });
}

async function unit(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Run> {
  const file = join(results, 'unit.json');
  await rm(file, { force: true });
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const plain = process.stdout.isTTY ? [] : ['--no-color'];
  const command = [process.execPath, vitest, 'run', ...plain, ...args];
  const exitCode = await runTool(command, { NIGHTSHIFT_UNIT_JSON: file, ...env });
  return { counts: await countVitest(file), exitCode };
}

async function endToEnd(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Run> {
  const file = join(results, 'e2e.json');
  await rm(file, { force: true });
  const screens = args.includes('--screens') ? { NIGHTSHIFT_SCREENS: '1' } : {};
  const rest = args.filter((argument) => argument !== '--screens');
  const playwright = [process.execPath, join(root, 'node_modules', 'playwright', 'cli.js'), 'test', ...rest];
  const display = await openVirtualDisplay();
  const exitCode = await runTool(playwright, { ...screens, ...env, ...display.env });
  display.close();
  const accepted = acceptSkips(await playwrightSkips(file));
  return { counts: await countPlaywright(file), exitCode: accepted ? exitCode : 1 };
}

const nightly = { NIGHTSHIFT_NIGHT: '1' };
const brief = { NIGHTSHIFT_BRIEF: '1' };
const modes: Readonly<Record<string, (args: readonly string[]) => Promise<readonly Run[]>>> = {
  all: async () => [await unit([]), await endToEnd([], brief)],
  unit: async (args) => [await unit(args)],
  e2e: async (args) => [await endToEnd(args)],
  night: async () => [await unit([], nightly), await endToEnd([], nightly)],
};

const [first = '', ...rest] = process.argv.slice(2);
const mode = modes[first];
if (mode === undefined && first !== '') {
  console.error(`unknown part "${first}": there are ${Object.keys(modes).join(', ')}`);
  process.exit(2);
}
await mkdir(results, { recursive: true });
const runs = (await (mode ?? modes.all)?.(rest)) ?? [];
const counts = runs.map((run) => run.counts).reduce(addCounts);
console.log(describeCounts(counts));
// A tool that failed without a failed test (no test found, a bad configuration, a forbidden skip) fails the run too.
process.exitCode = counts.failed > 0 || runs.some((run) => run.exitCode !== 0) ? 1 : 0;
