import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Clock } from '../../core/ports.ts';
import type {
  CameraHealthLine,
  ReportFormat,
  ReportPreview,
  ReportRecord,
  ReportScope,
} from '../../shared/domain/report.ts';
import type { StoreClient } from '../../store/operations.ts';
import { freeName, safeName, writeReportFile } from './report-file.ts';
import { reportWriters } from './report-format.ts';
import { openReport, type ReportSource } from './report-source.ts';
import { fileTime } from './report-times.ts';

export interface ReportServiceDeps {
  readonly store: StoreClient;
  readonly clock: Clock;
  /** Where exports go when nobody says otherwise. */
  readonly reportsDir: string;
  /** How one camera is at present, or (null) all are; left out: nothing is said of it. */
  readonly health?: (cameraId: string | null) => Promise<readonly CameraHealthLine[]>;
}

export interface ReportService {
  readonly preview: (scope: ReportScope) => Promise<ReportPreview>;
  /** `file` null: into the reports folder under a name made from the scope. Kept in the list of written reports. */
  readonly export: (request: {
    scope: ReportScope;
    format: ReportFormat;
    file: string | null;
  }) => Promise<ReportRecord>;
  /** Writes to a stream and leaves it open; for standard output. */
  readonly writeTo: (
    scope: ReportScope,
    format: ReportFormat,
    writable: Writable,
  ) => Promise<{ rows: number; bytes: number }>;
  readonly list: () => Promise<readonly ReportRecord[]>;
}

/** What a preview shows of coverage and rows. */
const previewRows = 50;

/** Reports of committed results: the same content in every format, streamed from the store. */
export function createReportService({ store, clock, reportsDir, health }: ReportServiceDeps): ReportService {
  /** The report's text, and how many detections have gone into it. */
  const write = (source: ReportSource, format: ReportFormat) => {
    let rows = 0;
    const counted = (more: number): void => {
      rows += more;
    };
    const writing = { atMs: clock.epochMs(), counted, health: () => healthOf(source.meta.scope) };
    return { text: reportWriters[format](source, writing), rows: () => rows };
  };
  /** Of a report that reaches up to now. */
  const healthOf = async ({ jobId, cameraId, untilMs }: ReportScope): Promise<readonly CameraHealthLine[]> => {
    const isAboutNow = jobId === null && (untilMs === null || untilMs >= clock.epochMs());
    return isAboutNow && health !== undefined ? health(cameraId) : [];
  };

  return {
    preview: async (scope) => {
      const { meta, totals, density } = await openReport(store, scope);
      const coverage = await store.call('report.coverage', { scope, offset: 0, limit: previewRows });
      const first = await store.call('report.rows', { scope, after: null, limit: previewRows });
      return {
        meta,
        coverage: coverage.rows,
        coverageTotal: coverage.total,
        totals,
        firstRows: first.rows,
        density,
        health: await healthOf(scope),
      };
    },
    export: async ({ scope, format, file }) => {
      const source = await openReport(store, scope);
      const { title } = source.meta;
      const atMs = clock.epochMs();
      const target = file ?? (await freeName(reportsDir, `nightshift-${safeName(title)}-${fileTime(atMs)}`, format));
      const { text, rows } = write(source, format);
      const written = await writeReportFile(target, text);
      return store.call('reports.add', { atMs, title, scope, format, ...written, rows: rows() });
    },
    writeTo: async (scope, format, writable) => {
      const { text, rows } = write(await openReport(store, scope), format);
      let bytes = 0;
      const measured = async function* (): AsyncGenerator<string> {
        for await (const piece of text) {
          bytes += Buffer.byteLength(piece);
          yield piece;
        }
      };
      await pipeline(Readable.from(measured()), writable, { end: false });
      return { rows: rows(), bytes };
    },
    list: () => store.call('reports.list', undefined),
  };
}
