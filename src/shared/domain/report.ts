import type { HealthPictures } from './camera-health.ts';
import type { Box } from './detection.ts';
import type { ItemFailure } from './job.ts';
import type { ShedCounts } from './repair.ts';
import type { VideoSpan } from './video-sampling.ts';

export const reportFormats = ['csv', 'json', 'html'] as const;
export type ReportFormat = (typeof reportFormats)[number];

export interface ReportScope {
  readonly jobId: string | null;
  readonly cameraId: string | null;
  /** Epoch ms; applies to camera results only (a video's clock is its own). */
  readonly sinceMs: number | null;
  readonly untilMs: number | null;
}

/** What was looked at: without it an empty report could not be told from an unlooked one. */
export interface CoverageRow {
  readonly source: string;
  /** In the report of one scan: what the list that names it calls it; left out: nothing does. */
  readonly id?: string;
  readonly kind: 'picture' | 'video' | 'camera';
  readonly frames: number;
  /** Of the frames: those in which nothing had changed, so that they took the result of an earlier one. */
  readonly inherited: number;
  /** [from, to) frames of an item; [from, to] epoch ms of a camera. */
  readonly ranges: readonly (readonly [number, number])[];
  readonly state: 'done' | 'partial' | 'failed' | 'missing' | 'quarantined';
  /** Of a video: the part that was wanted, from which its frames are numbered; left out: the whole. */
  readonly span?: VideoSpan;
  /** Of a camera: frames that were not analysed live while it was recorded, by whole minutes; left out: there were none. */
  readonly shed?: ShedCounts;
}

export interface ReportTotals {
  readonly sources: number;
  readonly frames: number;
  readonly detections: number;
  readonly byClass: Readonly<Record<string, number>>;
  readonly failures: readonly ItemFailure[];
}

export interface ReportMeta {
  readonly format: 'nightshift-report';
  readonly version: 1;
  readonly title: string;
  readonly scope: ReportScope;
  readonly recipes: readonly { readonly model: string; readonly modelSha256: string; readonly settingsHash: string }[];
}

export interface ReportDetection {
  readonly source: string;
  /** As of a `CoverageRow`. */
  readonly id?: string;
  readonly frame: number;
  readonly timeMs: number;
  readonly class: string;
  readonly score: number;
  readonly box: Box;
  /** Seen in an earlier frame, since which nothing has changed. */
  readonly inherited: boolean;
}

/** A camera that does not see what it should, or whose last week is another one than the accepted week. */
export interface CameraHealthLine {
  readonly camera: string;
  /** In words, to be read after the camera's name. */
  readonly says: readonly string[];
  readonly pictures: HealthPictures;
}

/** The preview in the UI is the report itself without its rows, plus the first of them. */
export interface ReportPreview {
  readonly meta: ReportMeta;
  readonly coverage: readonly CoverageRow[];
  readonly coverageTotal: number;
  readonly totals: ReportTotals;
  readonly firstRows: readonly ReportDetection[];
  /** Detections by hour of the day (cameras) or by tenth of the video (items): 24 or 10 numbers. */
  readonly density: readonly number[];
  /** How the cameras of the scope are at present. */
  readonly health: readonly CameraHealthLine[];
}

export interface ReportRecord {
  readonly id: number;
  readonly atMs: number;
  readonly title: string;
  readonly scope: ReportScope;
  readonly format: ReportFormat;
  readonly file: string;
  readonly rows: number;
  readonly bytes: number;
}
