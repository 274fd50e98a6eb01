import type { WantedMoments } from '../../shared/engine/protocol.ts';

/** The answer to one moment: the picture before, or the one that was just read. */
export interface WantedChoice {
  /** Index of the moment. */
  readonly moment: number;
  readonly picture: 'before' | 'read';
}

export interface WantedChoices {
  readonly choices: readonly WantedChoice[];
  /** The first moment that is not decided: a later picture may be nearer. */
  readonly cursor: number;
}

/**
 * Which moments are decided once the picture at `readMs` is there, by the picture nearest to each. Moments that have none
 * near enough are passed over. One picture may be the answer to several.
 *
 * @param beforeMs of the picture before; null: there is none, or it was not read.
 * @param readMs null: there is no further picture.
 */
export function chooseWanted(
  { timesMs, toleranceMs }: WantedMoments,
  cursor: number,
  beforeMs: number | null,
  readMs: number | null,
): WantedChoices {
  const choices: WantedChoice[] = [];
  let moment = cursor;
  for (; moment < timesMs.length; moment++) {
    const wantedMs = timesMs[moment] as number;
    if (readMs !== null && wantedMs > readMs) break;
    const sinceMs = beforeMs === null ? Infinity : Math.abs(wantedMs - beforeMs);
    const untilMs = readMs === null ? Infinity : Math.abs(readMs - wantedMs);
    if (Math.min(sinceMs, untilMs) > toleranceMs) continue;
    choices.push({ moment, picture: sinceMs < untilMs ? 'before' : 'read' });
  }
  return { choices, cursor: moment };
}
