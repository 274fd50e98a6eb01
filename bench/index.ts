import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { seededRandom } from '../src/core/testing/seeded-random.ts';
import { endScripts } from './cells/run-node.ts';
import { figures } from './figures.ts';
import { parseOptions, usage, type BenchOptions } from './options.ts';
import { plans } from './plan.ts';
import { absoluteValues } from './report/absolute.ts';
import type { BenchReport } from './report/bench-report.ts';
import { evaluate } from './report/evaluate.ts';
import { commit, machine } from './report/machine.ts';
import { hasMarks, number, withReport } from './report/markdown.ts';
import { clock, Progress } from './report/progress.ts';
import { withRig } from './rig.ts';
import { Probe } from './rounds/probe.ts';
import { runRounds, type Unit } from './rounds/run-rounds.ts';
import { exitCodeOf } from './statistics/verdict.ts';
import { makeUnits } from './units.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Fewer clean rounds say nothing; a smoke run says nothing anyway. */
const leastRounds = 5;
const leastFramesForP99 = 2_000;
const broken = 3;
const interrupted = 130;

async function main(words: readonly string[]): Promise<number> {
  let options: BenchOptions | null;
  try {
    options = parseOptions(words);
  } catch (caught) {
    process.stderr.write(`${caught instanceof Error ? caught.message : String(caught)}\n\n${usage}\n`);
    return 2;
  }
  if (options === null) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  // Before the hour of measuring, not after it.
  if (options.jsonFile !== null) await mkdir(dirname(resolve(options.jsonFile)), { recursive: true });
  const document = options.markdownFile === null ? null : await readFile(options.markdownFile, 'utf8').catch(() => '');
  if (document !== null && !hasMarks(document)) {
    process.stderr.write(`${options.markdownFile ?? ''} has no marks for the table: see docs/benchmarks.md\n`);
    return 2;
  }
  const report = await measure(options, `npm run bench -- ${words.join(' ')}`.trim().replace(/ --$/, ''));
  if (options.jsonFile !== null) await writeFile(options.jsonFile, `${JSON.stringify(report, null, 2)}\n`);
  if (options.markdownFile !== null && document !== null) {
    const style = await resolveConfig(options.markdownFile);
    await writeFile(options.markdownFile, await format(withReport(document, report), { ...style, parser: 'markdown' }));
  }
  print(report);
  return exitCodeOf(Object.values(report.results).map(({ verdict }) => verdict));
}

async function measure(options: BenchOptions, command: string): Promise<BenchReport> {
  const startMs = performance.now();
  const plan = plans[options.kind];
  const progress = new Progress();
  const say = (what: string): void => {
    progress.say(what);
  };
  return withRig(options, plan, say, async (rig) => {
    const probe = await Probe.start(rig.cores);
    try {
      const units = makeUnits(rig);
      const untilMs = startMs + options.minutes * 60_000;
      const rounds = await runRounds({
        units,
        random: seededRandom(options.seed),
        probe: () => probe.measure(),
        noiseLimit: plan.noiseLimit,
        nowMs: () => performance.now(),
        untilMs,
        progress: ({ round, cell, spentMs }) => {
          const left = round === 0 ? untilMs - performance.now() : leftMs(units, round, spentMs);
          const end = `${round === 0 ? 'at most' : 'about'} ${clock(Math.min(left, untilMs - performance.now()))} left`;
          progress.say(`round ${round + 1}`, `, ${end}: ${cell}`);
        },
      });
      const evaluation = evaluate(rounds, {
        leastRounds: options.kind === 'smoke' ? 1 : leastRounds,
        whole: plan.whole,
        cells: new Set(units.flatMap(({ cells }) => cells.map(({ name }) => name))),
        leastFramesForP99: options.kind === 'smoke' ? 1 : leastFramesForP99,
        cores: rig.cores,
        random: seededRandom(options.seed),
      });
      return {
        kind: options.kind,
        date: new Date().toISOString(),
        command,
        commit: await commit(root),
        machine: await machine(),
        versions: { ...rig.engine.host.versions, ...(await rig.product.ask('versions', null)) },
        rounds: rounds.rounds,
        seconds: Math.round((performance.now() - startMs) / 1000),
        ...evaluation,
        absolute: absoluteValues(rounds, rig),
      };
    } finally {
      await probe.stop();
      progress.end();
    }
  });
}

/** With no noise from now on: the rounds that each unit still needs, at the pace of its cells so far. */
function leftMs(units: readonly Unit[], round: number, spentMs: ReadonlyMap<string, number>): number {
  return units.reduce((sum, { cells, rounds }) => {
    const roundMs = cells.reduce((total, { name }) => total + (spentMs.get(name) ?? 0), 0);
    return sum + Math.max(0, rounds - round) * roundMs;
  }, 0);
}

function print({ kind, results, frontier, noise, rounds, seconds, machine: { cpu, cores } }: BenchReport): void {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  say(
    `${cpu}, ${cores} cores; ${rounds} rounds in ${clock(seconds * 1000)}; ${noise.lostCells} of ${noise.cells} cells noisy`,
  );
  if (kind === 'smoke') say('A smoke run: every cell once and short, noise let in. Its figures mean nothing.');
  for (const { name, better } of figures) {
    const result = results[name];
    if (result === undefined) continue;
    const { median, lo, hi, gate, verdict } = result;
    const value =
      median === null || lo === null || hi === null ? '–' : `${number(median)} [${number(lo)}, ${number(hi)}]`;
    const limit = gate === null ? '' : `${better === 'higher' ? '≥' : '≤'} ${number(gate)}`;
    say(
      `${name.padEnd(22)} ${value.padEnd(30)} ${limit.padEnd(10)} ${verdict === 'inconclusive' ? 'INCONCLUSIVE' : verdict}`,
    );
  }
  for (const { policy, p95Ratio, retained } of frontier) {
    say(
      `frontier: ${policy.padEnd(34)} p95 × ${number(p95Ratio.median).padEnd(6)} retained ${number(retained.median)}`,
    );
  }
  for (const [name, why] of Object.entries(noise.undecided)) say(`INCONCLUSIVE ${name}: ${why}`);
  for (const failure of noise.failures) say(`failed: ${failure}`);
}

// Children end when their channel closes; scripts have none.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    endScripts();
    process.exit(interrupted);
  });
}
process.exitCode = await main(process.argv.slice(2)).catch((caught: unknown) => {
  process.stderr.write(
    `bench: it could not measure: ${caught instanceof Error ? (caught.stack ?? '') : String(caught)}\n`,
  );
  return broken;
});
// A worker or channel that does not come to its end keeps no benchmark's caller waiting.
setTimeout(() => process.exit(), 3_000).unref();
