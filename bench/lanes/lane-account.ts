import type { FrameRun } from '../../src/app/lanes/frame-sink.ts';
import type { DropReason } from '../../src/shared/domain/camera.ts';
import type { LaneName } from '../../src/shared/domain/lanes.ts';
import type { Ticket } from '../../src/shared/engine/protocol.ts';

/** What one cell did, whoever drove it: filled while it runs, read when it is over. */
export interface LaneAccount {
  /** Captured frames whose time lies in the counted stretch, and those of them without a result. */
  captured: number;
  dropped: number;
  /** Why, where the policy says so. */
  readonly droppedBy: Map<DropReason, number>;
  /** Schedule's arrival to result, ms, of the counted frames. */
  readonly latencies: number[];
  /** Live and archive frames with a result inside the counted stretch, by the size of the call that they were part of. */
  readonly liveBySize: Map<number, number>;
  readonly archiveBySize: Map<number, number>;
  /** Native calls that these results came from, ms. */
  readonly calledMs: Record<LaneName, number>;
  /** The first and the last archive result inside the stretch, and the size of the first call. */
  firstArchive: { readonly monoMs: number; readonly callSize: number } | null;
  lastArchiveMonoMs: number;
  readonly stretchMs: number;
}

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);

export const framesIn = (bySize: ReadonlyMap<number, number>): number => sum(bySize.values());

/** Archive frames a second from the end of one call to the end of another: no call is counted in part. */
export function archiveRate({ archiveBySize, firstArchive, lastArchiveMonoMs }: LaneAccount): number {
  if (firstArchive === null || lastArchiveMonoMs <= firstArchive.monoMs) return 0;
  const frames = framesIn(archiveBySize) - firstArchive.callSize;
  return (frames * 1000) / (lastArchiveMonoMs - firstArchive.monoMs);
}

/** Latencies of all captured frames in ms; one without a result is infinitely late. */
export function latenciesOf({ captured, latencies }: LaneAccount): number[] {
  const unanswered = Math.max(0, captured - latencies.length);
  return [...latencies, ...new Array<number>(unanswered).fill(Number.POSITIVE_INFINITY)];
}

/** Share of the captured frames without a result within the promise. */
export function missShare(accounts: readonly LaneAccount[], sloMs: number): number {
  const captured = sum(accounts.map((account) => account.captured));
  return (captured - sum(accounts.map(({ latencies }) => latencies.filter((ms) => ms <= sloMs).length))) / captured;
}

/** Time of one bare call, ms, by batch size: measured sizes of the ladder. */
export type CallMs = ReadonlyMap<number, number>;

/** Between measured sizes in a straight line; above the largest in proportion to it. */
export function callMs(ladder: CallMs, size: number): number {
  const sizes = [...ladder.keys()].sort((a, b) => a - b);
  const above = sizes.find((one) => one >= size);
  const below = sizes.findLast((one) => one <= size);
  if (above === undefined) return ((ladder.get(below ?? 0) ?? Number.NaN) * size) / (below ?? 1);
  if (below === undefined || below === above) return ladder.get(above) ?? Number.NaN;
  const [low, high] = [ladder.get(below) ?? Number.NaN, ladder.get(above) ?? Number.NaN];
  return low + ((high - low) * (size - below)) / (above - below);
}

/** Device time in ms that a bare loop would have needed for these frames in calls of these sizes. */
const bareMs = (bySize: ReadonlyMap<number, number>, ladder: CallMs): number =>
  sum([...bySize].map(([size, frames]) => (frames * callMs(ladder, size)) / size));

/**
 * Archive frames a second / what live work left over of a bare loop. `at-chunk`: of a loop with the same call sizes.
 * `at-best`: of a loop at the best size of the ladder, so that policies with different chunks can be compared.
 */
export function retained(account: LaneAccount, ladder: CallMs, against: 'at-chunk' | 'at-best'): number {
  const frames = framesIn(account.archiveBySize);
  if (frames === 0) return 0;
  const msPerFrame =
    against === 'at-chunk'
      ? bareMs(account.archiveBySize, ladder) / frames
      : Math.min(...[...ladder].map(([size, ms]) => ms / size));
  const leftMs = account.stretchMs - bareMs(account.liveBySize, ladder);
  return (frames * msPerFrame) / leftMs;
}

/** Where the time of an archive that keeps less than everything went. */
export interface Spending {
  /** Shares of the stretch in native calls of live and of archive frames; between calls, the device waits for a decision or a frame. */
  readonly live: number;
  readonly archive: number;
  readonly between: number;
  /** An archive call / a bare call of the same size. */
  readonly callRatio: number;
}

export function spendingOf({ archiveBySize, calledMs, stretchMs }: LaneAccount, ladder: CallMs): Spending {
  const [live, archive] = [calledMs.live / stretchMs, calledMs.archive / stretchMs];
  return { live, archive, between: 1 - live - archive, callRatio: calledMs.archive / bareMs(archiveBySize, ladder) };
}

type Call = Pick<FrameRun, 'frames' | 'runMs'>;

/** Counts what happens between two moments; what comes before is for the forecasts to settle. */
export class LaneMeter {
  readonly account: LaneAccount;
  readonly #fromMonoMs: number;
  readonly #toMonoMs: number;

  constructor(fromMonoMs: number, toMonoMs: number) {
    this.#fromMonoMs = fromMonoMs;
    this.#toMonoMs = toMonoMs;
    this.account = {
      captured: 0,
      dropped: 0,
      droppedBy: new Map(),
      latencies: [],
      liveBySize: new Map(),
      archiveBySize: new Map(),
      calledMs: { live: 0, archive: 0 },
      firstArchive: null,
      lastArchiveMonoMs: 0,
      stretchMs: toMonoMs - fromMonoMs,
    };
  }

  captured(ticket: Ticket): void {
    if (ticket.lane === 'live' && this.#counts(ticket.capturedMonoMs)) this.account.captured += 1;
  }

  dropped(ticket: Ticket, reason: DropReason): void {
    if (ticket.lane !== 'live' || !this.#counts(ticket.capturedMonoMs)) return;
    this.account.dropped += 1;
    this.account.droppedBy.set(reason, (this.account.droppedBy.get(reason) ?? 0) + 1);
  }

  analysed(ticket: Ticket, { frames: callSize, runMs }: Call, nowMonoMs: number): void {
    const { latencies, liveBySize, archiveBySize, calledMs } = this.account;
    if (ticket.lane === 'live' && this.#counts(ticket.capturedMonoMs))
      latencies.push(nowMonoMs - ticket.capturedMonoMs);
    if (!this.#counts(nowMonoMs)) return;
    const bySize = ticket.lane === 'live' ? liveBySize : archiveBySize;
    bySize.set(callSize, (bySize.get(callSize) ?? 0) + 1);
    calledMs[ticket.lane] += runMs / callSize;
    if (ticket.lane === 'live') return;
    this.account.firstArchive ??= { monoMs: nowMonoMs, callSize };
    this.account.lastArchiveMonoMs = nowMonoMs;
  }

  #counts(monoMs: number): boolean {
    return monoMs >= this.#fromMonoMs && monoMs < this.#toMonoMs;
  }
}
