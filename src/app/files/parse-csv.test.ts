import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CsvReader, parseCsv, type CsvRow } from './parse-csv.ts';

const signs = fc.array(fc.constantFrom('a', 'é', '"', '""', ',', '\r', '\n', '\r\n', ' '), { maxLength: 40 });

test('in pieces it reads as in one', () => {
  fc.assert(
    fc.property(signs, fc.array(fc.nat({ max: 6 }), { minLength: 1, maxLength: 20 }), (text, lengths) => {
      const header = 'path,id\n';
      const body = text.join('');
      const reader = new CsvReader();
      const rows: CsvRow[] = [...reader.read(header, false)];
      let at = 0;
      for (const length of lengths) rows.push(...reader.read(body.slice(at, (at += length)), false));
      rows.push(...reader.read(body.slice(at), false), ...reader.read('', true));
      expect(rows).toEqual(parseCsv(header + body));
    }),
  );
});

test('a quote that is never closed is an error that names its line, long before the file is in memory', () => {
  const reader = new CsvReader();
  expect([...reader.read('path,id\na.jpg,1\n"b.jpg,', false)]).toHaveLength(2);
  const endless = (): unknown => [...reader.read('x'.repeat(200_000), false)];
  expect(endless).toThrow(
    expect.objectContaining({ kind: 'bad-input', message: expect.stringContaining('line 3') as string }) as Error,
  );
});
