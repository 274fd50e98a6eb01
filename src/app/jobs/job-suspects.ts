import { afterEngineEnd, afterSuccess, mustRunAlone, noSuspects, type EngineEnd } from '../../core/jobs/suspects.ts';

/** One frame of one of the job's items. */
export interface ItemFrame {
  readonly itemId: number;
  readonly frame: number;
}

/**
 * Frames of one job that are suspected of having ended the engine. A call holds frames of one job only, so what happens in
 * the calls of other jobs neither blames these nor clears them.
 */
export class JobSuspects {
  #ledger = noSuspects;

  mustRunAlone(frame: ItemFrame): boolean {
    return mustRunAlone(this.#ledger, nameOf(frame));
  }

  succeeded(frame: ItemFrame): void {
    this.#ledger = afterSuccess(this.#ledger, [nameOf(frame)]);
  }

  /** `running`: the job's frames in the call that did not come back. Answers those that are given up. */
  engineEnded(end: EngineEnd, running: readonly ItemFrame[]): readonly ItemFrame[] {
    const { ledger, quarantined } = afterEngineEnd(this.#ledger, end, running.map(nameOf));
    this.#ledger = ledger;
    return running.filter((frame) => quarantined.includes(nameOf(frame)));
  }
}

const nameOf = ({ itemId, frame }: ItemFrame): string => `${String(itemId)}#${String(frame)}`;
