import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

// Types, lint, components and format, two at a time; each prints only when it fails.

const root = join(import.meta.dirname, '..');
const packages = join(root, 'node_modules');
const cache = join(packages, '.cache');

interface Check {
  readonly name: string;
  /** The tool's script inside node_modules, and its arguments. */
  readonly tool: string;
  readonly args: readonly string[];
}

const types: Check = { name: 'types', tool: 'typescript/bin/tsc', args: ['-b', '--pretty', 'false'] };
const lint: Check = {
  name: 'lint',
  tool: 'eslint/bin/eslint.js',
  args: [
    '--max-warnings',
    '0',
    '--cache',
    '--cache-strategy',
    'content',
    '--cache-location',
    join(cache, 'eslint'),
    '.',
  ],
};
const components: Check = {
  name: 'components',
  tool: 'svelte-check/bin/svelte-check',
  args: ['--tsconfig', 'src/renderer/tsconfig.json', '--fail-on-warnings', '--output', 'human-verbose'],
};
const format: Check = {
  name: 'format',
  tool: 'prettier/bin/prettier.cjs',
  args: ['--check', '--log-level', 'warn', '--cache', '.'],
};

async function run({ name, tool, args }: Check): Promise<boolean> {
  const startedAtMs = performance.now();
  const child = spawn(process.execPath, [join(packages, tool), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
  console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`);
  if (code !== 0) console.log(Buffer.concat(output).toString());
  return code === 0;
}

/** What a run without a cache would find: lint with types also depends on other files than the one cached. */
if (process.argv.includes('--fresh')) await rm(cache, { recursive: true, force: true });

const lanes: readonly (readonly Check[])[] = [
  [types, format],
  [lint, components],
];
const outcomes = await Promise.all(
  lanes.map(async (lane) => {
    let good = true;
    for (const check of lane) good = (await run(check)) && good;
    return good;
  }),
);
process.exitCode = outcomes.every(Boolean) ? 0 : 1;
