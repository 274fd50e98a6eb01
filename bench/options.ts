import { parseArgs } from 'node:util';
import { tierNames, type TierName } from '../src/shared/domain/model.ts';
import { unitNames } from './neighbours.ts';

/** `quick`: an answer in six minutes. `full`: all figures. `smoke`: every cell once and short; its numbers mean nothing. */
export type RunKind = 'quick' | 'full' | 'smoke';

export interface BenchOptions {
  readonly kind: RunKind;
  readonly jsonFile: string | null;
  readonly markdownFile: string | null;
  readonly tier: TierName;
  readonly providers: readonly string[];
  readonly queryRows: number;
  readonly minutes: number;
  readonly seed: number;
  /** Units to measure; null: all of the run. */
  readonly only: readonly string[] | null;
}

export const usage = `npm run bench -- [--quick] [--json FILE] [--markdown FILE] [more]

  --quick           at most 6 minutes: tier fast, 5 rounds, p95 only, queries over 10^6 detections
  --json FILE       the figures as one JSON object
  --markdown FILE   writes the table between the file's <!-- bench --> marks (docs/benchmarks.md)
  --rows N          detections that the queries run over (10^8 takes ten minutes to write and 4 GB)
  --tier T          input size of the lane figures: ${tierNames.join(', ')}
  --provider P      execution provider of the lane figures (cpu, webgpu, cuda, …)
  --minutes N       how long rounds are repeated to get enough quiet ones
  --seed N          order of cells, traces and intervals
  --only U[,U]      of: ${unitNames.join(', ')}
Ends with 0 where every gate is met, 1 where one is missed, 4 where noise left one undecided, 2 for wrong options, 3 where
it could not measure at all.`;

const defaults: Readonly<Record<RunKind, Pick<BenchOptions, 'tier' | 'queryRows' | 'minutes'>>> = {
  quick: { tier: 'fast', queryRows: 1e6, minutes: 5.85 },
  full: { tier: 'normal', queryRows: 1e7, minutes: 60 },
  smoke: { tier: 'fast', queryRows: 10_000, minutes: 10 },
};

/** Throws an Error that says what is wrong with the words; `help` answers null. */
export function parseOptions(words: readonly string[]): BenchOptions | null {
  const { values } = parseArgs({
    args: [...words],
    options: {
      quick: { type: 'boolean', default: false },
      smoke: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      json: { type: 'string' },
      markdown: { type: 'string' },
      tier: { type: 'string' },
      provider: { type: 'string', default: 'cpu' },
      rows: { type: 'string' },
      minutes: { type: 'string' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string' },
    },
  });
  if (values.help) return null;
  const kind: RunKind = values.smoke ? 'smoke' : values.quick ? 'quick' : 'full';
  const tier = tierNames.find((name) => name === (values.tier ?? defaults[kind].tier));
  if (tier === undefined) throw new Error(`--tier is one of ${tierNames.join(', ')}, not ${values.tier ?? ''}`);
  return {
    kind,
    jsonFile: values.json ?? null,
    markdownFile: values.markdown ?? null,
    tier,
    providers: values.provider === 'cpu' ? ['cpu'] : [values.provider],
    queryRows: number('rows', values.rows, defaults[kind].queryRows),
    minutes: number('minutes', values.minutes, defaults[kind].minutes),
    seed: number('seed', values.seed, 1),
    only: only(values.only),
  };
}

function only(text: string | undefined): readonly string[] | null {
  if (text === undefined) return null;
  const names = text.split(',');
  const unknown = names.find((name) => !(unitNames as readonly string[]).includes(name));
  if (unknown !== undefined) throw new Error(`--only knows ${unitNames.join(', ')}, not ${unknown}`);
  return names;
}

function number(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new Error(`--${name} is a number above 0, not ${text}`);
  return value;
}
