import type { ReviewFilter, ReviewPage } from '../../shared/contract/calls.ts';
import type { Box } from '../../shared/domain/detection.ts';
import type {
  CoverageRow,
  ReportDetection,
  ReportRecord,
  ReportScope,
  ReportTotals,
} from '../../shared/domain/report.ts';

/** Looking through what was found, and reports of it. */
export interface ReportOperations {
  /**
   * Events first (newest first), then archive detections (newest content first, then frame, class, place). Content that
   * several files share appears once, under its newest file in the chosen jobs. Choosing only cameras hides the archive
   * and only jobs the cameras, unless `kind` says which. `minScore` counts in steps of 0.05, rounded down; detections
   * have no reviewed mark.
   */
  'review.list': { in: { filter: ReviewFilter; offset: number; limit: number }; out: ReviewPage };
  /** Where a still of an archive detection comes from. */
  'review.locate': {
    in: { id: string };
    out: { path: string; kind: 'picture' | 'video'; timeMs: number; box: Box; width: number; height: number } | null;
  };
  /** A scope is a job's items, a camera, both, or (with neither) everything. Camera frames count by whole minutes. */
  'report.totals': { in: ReportScope; out: ReportTotals };
  /** Items in order of path, then cameras in order of name. */
  'report.coverage': {
    in: { scope: ReportScope; offset: number; limit: number };
    out: { total: number; rows: readonly CoverageRow[] };
  };
  /** Pages in (source, frame, class, box) order; `after` is the last page's `next`, null at the start and at the end. */
  'report.rows': {
    in: { scope: ReportScope; after: string | null; limit: number };
    out: { rows: readonly ReportDetection[]; next: string | null };
  };
  'report.recipes': { in: ReportScope; out: readonly { model: string; modelSha256: string; settingsHash: string }[] };
  /** Cameras only: 24 numbers by hour of the day. With items in scope: 10 by tenth of each video and of the pictures. */
  'report.density': { in: ReportScope; out: readonly number[] };
  'reports.add': { in: Omit<ReportRecord, 'id'>; out: ReportRecord };
  'reports.list': { in: void; out: readonly ReportRecord[] };
}
