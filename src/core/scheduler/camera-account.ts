import type { CameraStatus, DropReason } from '../../shared/domain/camera.ts';
import { createLatencyWindow, latencyQuantiles, recordLatency, type LatencyWindow } from './latency-window.ts';

/** What became of one camera's frames since it was opened. Always: captured = analysed + dropped + waiting. */
export interface CameraAccount {
  captured: number;
  analysed: number;
  /** Of the analysed: those that took the result of the frame before. */
  inherited: number;
  /** Analysed within the SLO that held then. */
  inTime: number;
  readonly dropped: Partial<Record<DropReason, number>>;
  droppedTotal: number;
  readonly latencies: LatencyWindow;
}

/** Share of captured frames that may miss the SLO. */
export const missBudget = 0.05;

export const createCameraAccount = (): CameraAccount => ({
  captured: 0,
  analysed: 0,
  inherited: 0,
  inTime: 0,
  dropped: {},
  droppedTotal: 0,
  latencies: createLatencyWindow(),
});

/** A ticket of the camera came. It must end as `countAnalysed` or `countDropped`. */
export function countCaptured(account: CameraAccount): void {
  account.captured += 1;
}

/** Frames that were captured but never became tickets. */
export function countLost(account: CameraAccount, reason: DropReason, count: number): void {
  account.captured += count;
  countDropped(account, reason, count);
}

export function countDropped(account: CameraAccount, reason: DropReason, count = 1): void {
  account.dropped[reason] = (account.dropped[reason] ?? 0) + count;
  account.droppedTotal += count;
}

/** `latencyMs`: capture to result. */
export function countAnalysed(account: CameraAccount, latencyMs: number, sloMs: number, nowMonoMs: number): void {
  account.analysed += 1;
  if (latencyMs <= sloMs) account.inTime += 1;
  recordLatency(account.latencies, latencyMs, nowMonoMs);
}

/** Of a frame that was counted as analysed: it took the result of an earlier one. */
export function countInherited(account: CameraAccount): void {
  account.inherited += 1;
}

export function accountStatus(
  account: CameraAccount,
  nowMonoMs: number,
): Pick<
  CameraStatus,
  'captured' | 'analysed' | 'inherited' | 'dropped' | 'waiting' | 'latencyMs' | 'missShare' | 'missBudget' | 'sloMet'
> {
  const { captured, analysed, inherited, inTime, droppedTotal } = account;
  // A frame that still waits has neither kept nor broken its promise.
  const settled = analysed + droppedTotal;
  return {
    captured,
    analysed,
    inherited,
    dropped: { ...account.dropped },
    waiting: captured - settled,
    latencyMs: latencyQuantiles(account.latencies, nowMonoMs),
    missShare: settled === 0 ? 0 : (settled - inTime) / settled,
    missBudget,
    sloMet: settled > 0 && inTime >= (1 - missBudget) * settled,
  };
}
