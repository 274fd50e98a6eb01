import type { FailureKind, ItemState } from '../../shared/domain/job.ts';
import type { Detection } from '../../shared/domain/detection.ts';
import type { Ticket, UnchangedFrame } from '../../shared/engine/protocol.ts';
import type { ItemProgress, ResultRow, SourceCommit, StoredItem } from '../../store/operations.ts';

interface FedFrame {
  readonly frame: number;
  readonly timeMs: number;
  detections: readonly Detection[] | null;
  /** The frame whose result it takes; null: it is run itself. */
  readonly sameAs: FedFrame | null;
}

const resultOf = ({ detections, sameAs }: FedFrame): readonly Detection[] | null =>
  sameAs === null ? detections : sameAs.detections;

/**
 * One item on its way through the engine. Results may come in any order, but only the part before the first gap is
 * committed, with the cursor that covers it; so a crash at any moment costs work, never results.
 *
 * With the motion gate it is fed from the start of a group, which may lie before the cursor: what comes again of the
 * frames below it serves those above it to take results from, and is not committed.
 */
export class FedItem {
  readonly item: StoredItem;
  readonly sourceId: number;
  readonly recipeId: number;
  /** First frame that is not handed to the store yet. */
  cursor: number;
  /** In the order the engine announced them, which is frame order. */
  #frames: FedFrame[] = [];
  /** Those that are run, until the next of them is committed: an unchanged frame may name one that is committed. */
  readonly #byFrame = new Map<number, FedFrame>();
  #committedRun: number | null = null;
  #end: { endFrame: number } | null = null;
  #failure: { state: ItemState; kind: FailureKind; reason: string } | null = null;
  #expectedFrames: number | null;
  #closed = false;

  constructor(item: StoredItem, binding: { sourceId: number; recipeId: number; cursor: number }) {
    this.item = item;
    this.sourceId = binding.sourceId;
    this.recipeId = binding.recipeId;
    this.cursor = binding.cursor;
    this.#expectedFrames = item.expectedFrames;
  }

  get expectedFrames(): number | null {
    return this.#expectedFrames;
  }

  set expectedFrames(frames: number | null) {
    this.#expectedFrames = frames;
  }

  announced(ticket: Ticket): void {
    const frame: FedFrame = { frame: ticket.frame, timeMs: ticket.timeMs, detections: null, sameAs: null };
    this.#frames.push(frame);
    this.#byFrame.set(ticket.frame, frame);
  }

  /** It is told after tickets that come later in the video. */
  unchanged({ frame, timeMs, sameAs }: UnchangedFrame): void {
    const run = this.#byFrame.get(sameAs);
    if (run === undefined) {
      this.failed('unreadable', `frame ${String(frame)} is said to be as frame ${String(sameAs)}, which never came`);
      return;
    }
    let place = this.#frames.length;
    while (place > 0 && (this.#frames[place - 1]?.frame ?? -1) > frame) place -= 1;
    this.#frames.splice(place, 0, { frame, timeMs, detections: null, sameAs: run });
  }

  analysed(ticket: Ticket, detections: readonly Detection[]): void {
    const frame = this.#byFrame.get(ticket.frame);
    if (frame !== undefined) frame.detections = detections;
  }

  /** The engine has read the item to its end; its last results may still be on their way. */
  ended(endFrame: number): void {
    this.#end = { endFrame };
  }

  failed(kind: FailureKind, reason: string, state: ItemState = 'failed'): void {
    this.#failure ??= { state, kind, reason };
  }

  /**
   * The engine went away, or the item is to be tried again: what follows the first gap is forgotten, because it will
   * be announced anew. An item that failed for good stays failed.
   */
  abandon(): void {
    const gap = this.#frames.findIndex((frame) => resultOf(frame) === null);
    if (gap >= 0) this.#frames = this.#frames.slice(0, gap);
    this.#end = null;
  }

  /** The engine has announced everything of the item that there is. */
  get isDecoded(): boolean {
    return this.#end !== null || this.#failure !== null;
  }

  get isFailed(): boolean {
    return this.#failure !== null;
  }

  /** Nothing more will come: every announced frame has its result and the end (or the failure) is known. */
  get isSettled(): boolean {
    return this.isDecoded && this.#frames.every((frame) => resultOf(frame) !== null);
  }

  /** Set by the commit that ended the item. */
  get isClosed(): boolean {
    return this.#closed;
  }

  /** The position of what is being looked at now, for the operator. */
  get positionMs(): number {
    return this.#frames[0]?.timeMs ?? 0;
  }

  /** Takes out what can be committed now; null when there is nothing new. */
  takeCommit(): {
    commit: SourceCommit | null;
    progress: ItemProgress;
    /** To be committed, how many of them are inherited, and those that were committed before. */
    frames: number;
    inherited: number;
    replayed: number;
  } | null {
    const rows: ResultRow[] = [];
    const from = this.cursor;
    let taken = 0;
    let inherited = 0;
    for (const frame of this.#frames) {
      const detections = resultOf(frame);
      if (detections === null) break;
      taken += 1;
      if (frame.sameAs === null) {
        if (this.#committedRun !== null) this.#byFrame.delete(this.#committedRun);
        this.#committedRun = frame.frame;
      }
      if (frame.frame < from) continue;
      inherited += frame.sameAs === null ? 0 : 1;
      rows.push({
        frame: frame.frame,
        timeMs: frame.timeMs,
        inherited: frame.sameAs !== null,
        detections: detections.map((found) => ({
          classIndex: found.classIndex,
          score: found.score,
          box: found.box,
          trackId: null,
        })),
      });
      this.cursor = frame.frame + 1;
    }
    this.#frames = this.#frames.slice(taken);
    const ends = this.isSettled && !this.#closed;
    if (taken === 0 && !ends) return null;
    if (ends) {
      this.#closed = true;
      if (this.#failure === null && this.#end !== null) {
        this.cursor = Math.max(this.cursor, this.#end.endFrame);
        this.#expectedFrames = this.cursor;
      }
    }
    return {
      commit:
        this.cursor > from
          ? { sourceId: this.sourceId, recipeId: this.recipeId, rows, looked: [[from, this.cursor]] }
          : null,
      progress: {
        itemId: this.item.id,
        cursor: this.cursor,
        expectedFrames: this.#expectedFrames,
        ended: !ends
          ? null
          : this.#failure === null
            ? { state: 'done', failureKind: null, failureReason: null }
            : { state: this.#failure.state, failureKind: this.#failure.kind, failureReason: this.#failure.reason },
      },
      frames: rows.length,
      inherited,
      replayed: taken - rows.length,
    };
  }
}
