import { NightshiftError } from '../../shared/errors.ts';

/** A row with the number of the line on which it begins, from 1. */
export interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/** A quote that is never closed takes the rest of the file for one cell. */
const longestCell = 100_000;

/** See `CsvReader`. */
export const parseCsv = (text: string): readonly CsvRow[] => [...new CsvReader().read(text, true)];

/**
 * Comma-separated values as RFC 4180 has them, and as spreadsheets write them: also with semicolons or tabs (whichever
 * the first line has most of), a byte-order mark, and any kind of line end. Empty lines are left out. Read piece by
 * piece; the first line lies in the first piece whole.
 */
export class CsvReader {
  #separator: string | null = null;
  /** A sign whose meaning the next piece decides. */
  #held = '';
  #cells: string[] = [];
  #cell = '';
  #isQuoted = false;
  #line = 1;
  #begins = 1;

  /** The rows that are whole with this piece. @throws NightshiftError `bad-input` where a cell has no end */
  *read(piece: string, isLast: boolean): Generator<CsvRow> {
    let source = this.#held + piece;
    if (this.#separator === null) {
      source = source.replace(/^\uFEFF/, '');
      this.#separator = separatorOf(source);
    }
    this.#held = '';
    for (let at = 0; at < source.length; at++) {
      const sign = source.charAt(at);
      const asksNext = sign === '\r' || (sign === '"' && this.#isQuoted);
      if (asksNext && !isLast && at === source.length - 1) {
        this.#held = sign;
        return;
      }
      if (sign === '\n') this.#line += 1;
      if (this.#isQuoted) {
        if (sign !== '"') this.#cell += sign;
        else if (source.charAt(at + 1) === '"') {
          this.#cell += '"';
          at += 1;
        } else this.#isQuoted = false;
      } else if (sign === '"' && this.#cell.trim() === '') {
        this.#isQuoted = true;
        this.#cell = '';
      } else if (sign === this.#separator) {
        this.#cells.push(this.#cell);
        this.#cell = '';
      } else if (sign === '\n') yield* this.#endRow();
      else if (sign === '\r') {
        if (source.charAt(at + 1) !== '\n') {
          this.#line += 1;
          yield* this.#endRow();
        }
      } else this.#cell += sign;
      if (this.#cell.length > longestCell) throw endless(this.#begins);
    }
    if (isLast) yield* this.#endRow();
  }

  *#endRow(): Generator<CsvRow> {
    const cells = [...this.#cells, this.#cell];
    const line = this.#begins;
    this.#cells = [];
    this.#cell = '';
    this.#begins = this.#line;
    if (cells.some((value) => value.trim() !== '')) yield { line, cells };
  }
}

function separatorOf(source: string): string {
  const first = source.split(/[\r\n]/, 1)[0] ?? '';
  const count = (sign: string): number => first.split(sign).length;
  return [',', ';', '\t'].reduce((best, sign) => (count(sign) > count(best) ? sign : best));
}

const endless = (line: number): NightshiftError =>
  new NightshiftError({
    kind: 'bad-input',
    message: `The row that begins in line ${String(line)} has a cell of more than ${String(longestCell)} signs.`,
    hint: 'Look for a quote that is never closed.',
  });
