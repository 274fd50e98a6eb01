import { figures } from '../figures.ts';
import type { Verdict } from '../statistics/verdict.ts';
import type { BenchReport } from './bench-report.ts';
import type { Result } from './evaluate.ts';

const beginMark = '<!-- bench: begin -->';
const endMark = '<!-- bench: end -->';

const verdictWords: Readonly<Record<Verdict, string>> = {
  stretch: 'met, stretch too',
  met: 'met',
  missed: '**missed**',
  inconclusive: 'INCONCLUSIVE',
  reported: 'no gate',
  'not-measured': 'not in this run',
};

export const hasMarks = (document: string): boolean =>
  document.indexOf(beginMark) >= 0 && document.indexOf(endMark) > document.indexOf(beginMark);

/** Puts the report between the marks of a document, in place of what stood there. Throws where they are missing. */
export function withReport(document: string, report: BenchReport): string {
  const [from, to] = [document.indexOf(beginMark), document.indexOf(endMark)];
  if (!hasMarks(document)) throw new Error(`the marks ${beginMark} and ${endMark} are not in the document`);
  return `${document.slice(0, from)}${beginMark}\n\n${markdownOf(report)}\n${document.slice(to)}`;
}

export function markdownOf({
  date,
  machine,
  commit,
  command,
  versions,
  rounds,
  results,
  frontier,
  absolute,
  noise,
}: BenchReport): string {
  const lines = [
    `Measured on ${date.slice(0, 10)} at commit \`${commit ?? 'unknown'}\` with \`${command}\`: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}${machine.governor === null ? '' : `, governor ${machine.governor}`}; ${Object.entries(
      versions,
    )
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}. ${rounds} rounds; ${noise.lostCells} of ${noise.cells} measured cells were thrown away as noisy.`,
    '',
    ...table(
      ['figure', 'what', 'median', '95 % interval', 'gate', 'stretch', 'verdict'],
      figures.map(({ name, says, better }) => {
        const result = results[name] as Result;
        const limit = (value: number | null): string =>
          value === null ? '–' : `${better === 'higher' ? '≥' : '≤'} ${number(value)}`;
        const interval =
          result.lo === null || result.hi === null ? '–' : `${number(result.lo)} to ${number(result.hi)}`;
        const middle = result.median === null ? '–' : number(result.median);
        return [
          `\`${name}\``,
          says,
          middle,
          interval,
          limit(result.gate),
          limit(result.stretch),
          verdictWords[result.verdict],
        ];
      }),
    ),
    '',
    'What live frames pay for what the archive gets, best first:',
    '',
    ...table(
      ['policy', 'live p95 / alone', 'archive retained', 'rounds'],
      [...frontier]
        .sort((a, b) => a.p95Ratio.median - b.p95Ratio.median)
        .map((point) => [
          point.policy,
          `${number(point.p95Ratio.median)} (${number(point.p95Ratio.lo)} to ${number(point.p95Ratio.hi)})`,
          `${number(point.retained.median)} (${number(point.retained.lo)} to ${number(point.retained.hi)})`,
          String(point.rounds),
        ]),
    ),
    '',
    'In units of this machine (medians):',
    '',
    ...table(
      ['value', 'median'],
      Object.entries(absolute).map(([name, value]) => [name, number(value)]),
    ),
  ];
  const undecided = Object.entries(noise.undecided);
  if (undecided.length > 0)
    lines.push('', 'Undecided:', '', ...undecided.map(([name, why]) => `- \`${name}\`: ${why}`));
  return `${lines.join('\n')}\n`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

/** Three significant digits, whole numbers from 1,000 on. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return '∞';
  return Math.abs(value) >= 1_000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}
