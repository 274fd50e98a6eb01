import type { Terminal } from './terminal.ts';

interface Claim {
  readonly claim: string;
  readonly measured: string;
  readonly limit: string;
  readonly holds: boolean;
}

/** What the demo claims, with the measured number and its limit; told as they come, a table at the end. */
export class ClaimTable {
  readonly #terminal: Terminal;
  readonly #rows: Claim[] = [];

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  get rows(): readonly Claim[] {
    return this.#rows;
  }

  get allHold(): boolean {
    return this.#rows.every((row) => row.holds);
  }

  atMost(claim: string, value: number, limit: number, unit: string): void {
    this.#add({ claim, measured: amount(value, unit), limit: `≤ ${amount(limit, unit)}`, holds: value <= limit });
  }

  atLeast(claim: string, value: number, limit: number, unit: string): void {
    this.#add({ claim, measured: amount(value, unit), limit: `≥ ${amount(limit, unit)}`, holds: value >= limit });
  }

  exactly(claim: string, value: number | string, expected: number | string): void {
    this.#add({ claim, measured: String(value), limit: String(expected), holds: value === expected });
  }

  /** Markdown: the README's first table is this output. */
  table(): readonly string[] {
    return [
      '| claim | measured | limit | |',
      '| --- | ---: | ---: | --- |',
      ...this.#rows.map(
        ({ claim, measured, limit, holds }) => `| ${claim} | ${measured} | ${limit} | ${holds ? '✓' : '✗'} |`,
      ),
    ];
  }

  #add(row: Claim): void {
    this.#rows.push(row);
    this.#terminal.say(`  ${row.holds ? '✓' : '✗'} ${row.claim}: ${row.measured} (${row.limit})`);
  }
}

function amount(value: number, unit: string): string {
  const text = Number.isInteger(value) ? String(value) : value.toFixed(1);
  return unit === '' ? text : unit.startsWith('/') ? `${text}${unit}` : `${text} ${unit}`;
}
