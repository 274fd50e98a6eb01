import type { CameraHealthLine, ReportFormat } from '../../shared/domain/report.ts';
import { csvReport } from './csv-report.ts';
import { htmlReport } from './html-report.ts';
import { jsonReport } from './json-report.ts';
import type { ReportSource } from './report-source.ts';

/** What a format needs besides the report. */
export interface Writing {
  /** Epoch ms; only the page for people says when it was written. */
  readonly atMs: number;
  /** Counts the detections that went into the file. */
  readonly counted: (rows: number) => void;
  /** How the cameras are as it is written; only the page for people says so, because the rows do not. */
  readonly health: () => Promise<readonly CameraHealthLine[]>;
}

/** Text of a report, piece by piece. */
export type WriteReport = (source: ReportSource, writing: Writing) => AsyncGenerator<string>;

/** A format without its writer does not compile. */
export const reportWriters: { readonly [F in ReportFormat]: WriteReport } = {
  csv: csvReport,
  json: jsonReport,
  html: htmlReport,
};
