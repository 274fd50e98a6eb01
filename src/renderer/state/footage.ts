import type { RecordingCoverage, RecordingGap } from '../../shared/domain/recording.ts';
import type { TimeWindow } from './time-window.ts';

/** Footage in one piece, whatever files it lies in. */
export interface FootageStretch {
  readonly fromMs: number;
  readonly toMs: number;
  readonly isKept: boolean;
}

/** Files that follow each other within this are one stretch, as in the host. */
const meetsMs = 1_500;

/** A day of a camera is 1,440 files: drawn as the few stretches that they make. */
export function stretchesOf(coverage: RecordingCoverage): readonly FootageStretch[] {
  const stretches: { fromMs: number; toMs: number; isKept: boolean }[] = [];
  for (const { fromMs, toMs, isKept } of coverage.segments) {
    const last = stretches[stretches.length - 1];
    if (last?.isKept === isKept && fromMs - last.toMs <= meetsMs) last.toMs = Math.max(last.toMs, toMs);
    else stretches.push({ fromMs, toMs, isKept });
  }
  return stretches;
}

/** Why there is no footage of a moment; null: there is, or it is not known. */
export const gapAt = (coverage: RecordingCoverage | null, atMs: number): RecordingGap | null =>
  coverage?.gaps.find(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs) ?? null;

/** Where on a bar of a window something lies, in percent; what sticks out is cut. */
export function placeIn(window: TimeWindow, fromMs: number, toMs: number): { left: number; width: number } {
  const span = window.toMs - window.fromMs;
  const left = Math.max(0, Math.min(1, (fromMs - window.fromMs) / span));
  const right = Math.max(0, Math.min(1, (toMs - window.fromMs) / span));
  return { left: left * 100, width: (right - left) * 100 };
}

/** The window moved so that the moment lies in it; the same where it does. It never reaches beyond now. */
export function windowAround(window: TimeWindow, atMs: number, nowMs: number): TimeWindow {
  if (atMs >= window.fromMs && atMs <= window.toMs) return window;
  const span = window.toMs - window.fromMs;
  const toMs = Math.min(nowMs, atMs + span / 2);
  return { fromMs: toMs - span, toMs };
}
