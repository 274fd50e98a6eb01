import type { DropReason } from '../../shared/domain/camera.ts';
import type { FoundBoxes } from '../../shared/domain/detection.ts';
import type { Ticket, UnchangedFrame } from '../../shared/engine/protocol.ts';

/** What became of a frame that was to be run. */
export type FrameOutcome =
  { readonly is: 'analysed'; readonly found: FoundBoxes } | { readonly is: 'dropped'; readonly reason: DropReason };

/** More than there can be tickets between an unchanged frame and the one it names. */
const mostKept = 16;

/**
 * Finds for each unchanged frame of a camera what became of the frame that it is the same as. Where that one is still
 * under way, the unchanged ones wait with it; where it was given up, so are they: nobody looked at what they show.
 */
export class InheritedResults {
  /** By frame: those that wait for its result. */
  readonly #underWay = new Map<number, UnchangedFrame[]>();
  /** Newest last. */
  readonly #settled = new Map<number, FrameOutcome>();

  captured({ frame }: Ticket): void {
    // A source that was opened again counts from 0 again.
    this.#settled.delete(frame);
    this.#underWay.set(frame, []);
  }

  /** Answers the unchanged frames that had waited for it, in order. */
  settled({ frame }: Ticket, outcome: FrameOutcome): readonly UnchangedFrame[] {
    const waiting = this.#underWay.get(frame) ?? [];
    this.#underWay.delete(frame);
    this.#settled.set(frame, outcome);
    for (const oldest of this.#settled.keys()) {
      if (this.#settled.size <= mostKept) break;
      this.#settled.delete(oldest);
    }
    return waiting;
  }

  /** Null: it waits. */
  unchanged(frame: UnchangedFrame): FrameOutcome | null {
    const waiting = this.#underWay.get(frame.sameAs);
    if (waiting === undefined) return this.#settled.get(frame.sameAs) ?? { is: 'dropped', reason: 'engine-lost' };
    waiting.push(frame);
    return null;
  }
}
