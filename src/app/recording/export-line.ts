import type { QueueStatus } from '../../shared/domain/system.ts';
import { NightshiftError } from '../../shared/errors.ts';

/** More than a person asks for at once. */
export const mostExportsWaiting = 8;

/** Exports one after the other: each reads whole files, and two at once would only disturb each other and the recording. */
export class ExportLine {
  #last: Promise<unknown> = Promise.resolve();
  #underWay = 0;
  #refused = 0;

  /** Rejects where too many wait already. */
  add<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= mostExportsWaiting) {
      this.#refused += 1;
      return Promise.reject(
        new NightshiftError({
          kind: 'conflict',
          message: `${String(mostExportsWaiting)} exports of footage wait already.`,
          hint: 'Ask again when one of them is done.',
        }),
      );
    }
    this.#underWay += 1;
    const next = this.#last.then(work).finally(() => {
      this.#underWay -= 1;
    });
    this.#last = next.catch(() => undefined);
    return next;
  }

  queue(): QueueStatus {
    return {
      name: 'recording-exports',
      unit: 'calls',
      waiting: this.#waiting,
      bound: mostExportsWaiting,
      policy: 'refused',
      givenUp: this.#refused,
    };
  }

  /** One is carried out, the others wait. */
  get #waiting(): number {
    return Math.max(0, this.#underWay - 1);
  }
}
