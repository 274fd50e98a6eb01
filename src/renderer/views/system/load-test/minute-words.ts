import { dropReasons } from '../../../../shared/domain/camera.ts';
import type { LoadTestMinute } from '../../../../shared/domain/load-test.ts';
import * as format from '../../../strings/format.ts';
import { words } from '../../../strings/words.ts';

/** Of both processes. */
export const memoryOf = (minute: Pick<LoadTestMinute, 'hostBytes' | 'engineBytes'>): number =>
  minute.hostBytes + (minute.engineBytes ?? 0);

export const dropCount = (dropped: LoadTestMinute['dropped']): number =>
  Object.values(dropped).reduce((sum, frames) => sum + frames, 0);

/** `12 – a newer frame …`, most frequent first. A reason without words of its own is shown as it is called. */
export const dropLines = (dropped: LoadTestMinute['dropped']): readonly string[] =>
  Object.entries(dropped)
    .filter(([, frames]) => frames > 0)
    .toSorted(([, a], [, b]) => b - a)
    .map(([reason, frames]) => {
      const known = dropReasons.find((name) => name === reason);
      return `${format.count(frames)} – ${known === undefined ? reason : words.dropReasons[known]}`;
    });
