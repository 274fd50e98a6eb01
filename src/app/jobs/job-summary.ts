import { basename } from 'node:path';
import { isActive } from '../../core/jobs/job-state.ts';
import type { JobSummary } from '../../shared/domain/job.ts';
import type { JobTotals, StoredJob } from '../../store/operations.ts';
import type { SpeedPoint } from './run-meter.ts';

/** One run as it is now, or as it ended. */
export interface RunView {
  readonly frames: number;
  /** Of the frames: those in which nothing had changed. */
  readonly inherited: number;
  readonly skipped: number;
  /** Done before this run, and to be done again. */
  readonly undone: number;
  /** Files listed so far; null: the listing is over. */
  readonly listing: number | null;
  readonly runMs: number;
  readonly imagesPerSecond: number | null;
  readonly batch: number | null;
  readonly largestBatch: number | null;
  readonly knee: number | null;
  readonly batchFill: number | null;
  readonly errors: JobSummary['errors'];
  readonly current: { readonly path: string; readonly kind: 'picture' | 'video'; readonly positionMs: number } | null;
  readonly history: readonly SpeedPoint[];
  readonly framesTwice: number;
  /** What could not be looked at, in a sentence; null: nothing. */
  readonly leftOut: string | null;
}

export interface SummaryContext {
  readonly doneBefore: number;
  readonly resumed: JobSummary['resumed'];
  readonly run: RunView | null;
  readonly progress: number | null;
  readonly etaMs: number | null;
  readonly queuePlace: number | null;
}

export function summarise(row: StoredJob, totals: JobTotals, context: SummaryContext): JobSummary {
  const { run } = context;
  const before = Math.min(totals.done, context.doneBefore - (run?.undone ?? 0) + (run?.skipped ?? 0));
  return {
    id: row.id,
    name: row.name,
    state: row.state,
    spec: row.spec,
    createdAtMs: row.createdAtMs,
    startedAtMs: row.startedAtMs,
    endedAtMs: row.endedAtMs,
    items: { total: totals.total, done: totals.done - before, skipped: before, failed: totals.failed },
    listing: isActive(row.state) ? (run?.listing ?? null) : null,
    frames: totals.frames,
    detections: totals.detections,
    framesThisRun: run?.frames ?? 0,
    inheritedThisRun: run?.inherited ?? 0,
    progress: row.state === 'enumerating' ? null : context.progress,
    imagesPerSecond: run?.imagesPerSecond ?? null,
    etaMs: context.etaMs,
    batch: {
      chosen: row.state === 'running' ? (run?.batch ?? null) : (run?.largestBatch ?? null),
      knee: run?.knee ?? null,
    },
    batchFill: run?.batchFill ?? null,
    current: run?.current == null ? null : positionText(run.current),
    runMs: run?.runMs ?? 0,
    errors: run?.errors ?? { failed: 0, timedOut: 0, retried: 0 },
    reason: row.reason,
    queuePlace: context.queuePlace,
    resumed: context.resumed === null ? null : { ...context.resumed, framesTwice: run?.framesTwice ?? 0 },
  };
}

/** `Yard 10` for one folder, `gate.mp4 and 3 more` for several paths. */
export function jobName(paths: readonly string[]): string {
  const first = basename(paths[0] ?? '') || (paths[0] ?? 'Scan');
  return (paths.length > 1 ? `${first} and ${String(paths.length - 1)} more` : first).slice(0, 80);
}

function positionText(current: NonNullable<RunView['current']>): string {
  const name = basename(current.path);
  if (current.kind === 'picture') return name;
  const seconds = Math.floor(current.positionMs / 1000);
  const part = (value: number): string => String(value).padStart(2, '0');
  return `${name} · ${part(Math.floor(seconds / 3600))}:${part(Math.floor(seconds / 60) % 60)}:${part(seconds % 60)}`;
}
