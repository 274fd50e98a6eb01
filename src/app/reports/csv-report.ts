import { stringify } from 'csv-stringify/sync';
import type { ReportDetection } from '../../shared/domain/report.ts';
import { shedText } from '../../shared/domain/repair.ts';
import type { WriteReport } from './report-format.ts';
import type { ReportSource } from './report-source.ts';

const columns = ['frame', 'time_ms', 'class', 'score', 'x', 'y', 'width', 'height', 'inherited'];

const cells = ({ frame, timeMs, class: label, score, box, inherited }: ReportDetection): (string | number)[] => [
  frame,
  timeMs,
  label.trim(),
  score,
  ...box,
  inherited ? 1 : 0,
];

/**
 * RFC 4180, one line a detection. File names, camera names and labels come from outside: a cell that a spreadsheet
 * would take for a formula starts with an apostrophe. Numbers stay numbers, negative ones too.
 *
 * Files of a list have their ids there in one more column. Where cameras left frames out live there is one for notes, and
 * a line at the end for each camera that says what became of those.
 */
export const csvReport: WriteReport = async function* (source, { counted }) {
  const options = { escape_formulas: true, record_delimiter: 'windows' } as const;
  const notes = await shedNotes(source);
  const line = (name: string, id: string, values: readonly (string | number)[], note: string): (string | number)[] => [
    name,
    ...(source.hasIds ? [id] : []),
    ...values,
    ...(notes.length > 0 ? [note] : []),
  ];
  yield stringify([line('source', 'id', columns, 'note')], options);
  for await (const rows of source.rows()) {
    counted(rows.length);
    yield stringify(
      rows.map((row) => line(row.source, row.id ?? '', cells(row), '')),
      options,
    );
  }
  const none = columns.map(() => '');
  if (notes.length > 0) {
    yield stringify(
      notes.map(([camera, note]) => line(camera, '', none, note)),
      options,
    );
  }
};

async function shedNotes(source: ReportSource): Promise<[camera: string, note: string][]> {
  const notes: [camera: string, note: string][] = [];
  for await (const rows of source.coverage()) {
    for (const { source: name, shed } of rows) if (shed !== undefined) notes.push([name, shedText(shed)]);
  }
  return notes;
}
