import { stringify } from 'csv-stringify/sync';
import type { ReportDetection } from '../../shared/domain/report.ts';
import { shedText } from '../../shared/domain/repair.ts';
import type { WriteReport } from './report-format.ts';
import type { ReportSource } from './report-source.ts';

const columns = ['source', 'frame', 'time_ms', 'class', 'score', 'x', 'y', 'width', 'height', 'inherited'];

const cells = ({
  source,
  frame,
  timeMs,
  class: label,
  score,
  box,
  inherited,
}: ReportDetection): (string | number)[] => [source, frame, timeMs, label.trim(), score, ...box, inherited ? 1 : 0];

/**
 * RFC 4180, one line a detection. File names, camera names and labels come from outside: a cell that a spreadsheet
 * would take for a formula starts with an apostrophe. Numbers stay numbers, negative ones too.
 *
 * Where cameras left frames out live there is one more column, and a line at the end for each of them that says what
 * became of those.
 */
export const csvReport: WriteReport = async function* (source, { counted }) {
  const options = { escape_formulas: true, record_delimiter: 'windows' } as const;
  const notes = await shedNotes(source);
  const isNoted = notes.length > 0;
  yield stringify([isNoted ? [...columns, 'note'] : columns], options);
  for await (const rows of source.rows()) {
    counted(rows.length);
    yield stringify(
      rows.map((row) => (isNoted ? [...cells(row), ''] : cells(row))),
      options,
    );
  }
  if (isNoted) yield stringify(notes, options);
};

async function shedNotes(source: ReportSource): Promise<string[][]> {
  const notes: string[][] = [];
  for await (const rows of source.coverage()) {
    for (const { source: name, shed } of rows) {
      if (shed !== undefined) notes.push([name, ...columns.slice(1).map(() => ''), shedText(shed)]);
    }
  }
  return notes;
}
