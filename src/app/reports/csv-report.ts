import { stringify } from 'csv-stringify/sync';
import type { ReportDetection } from '../../shared/domain/report.ts';
import type { WriteReport } from './report-format.ts';

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
 */
export const csvReport: WriteReport = async function* (source, { counted }) {
  const options = { escape_formulas: true, record_delimiter: 'windows' } as const;
  yield stringify([columns], options);
  for await (const rows of source.rows()) {
    counted(rows.length);
    yield stringify(rows.map(cells), options);
  }
};
