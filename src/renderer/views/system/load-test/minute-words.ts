import { dropReasons } from '../../../../shared/domain/camera.ts';
import type { LoadTestMinute } from '../../../../shared/domain/load-test.ts';
import * as format from '../../../strings/format.ts';
import { words } from '../../../strings/words.ts';

/** Of both processes. */
export const memoryOf = (minute: Pick<LoadTestMinute, 'hostBytes' | 'engineBytes'>): number =>
  minute.hostBytes + (minute.engineBytes ?? 0);

/** `12 – a newer frame …`, one line a reason. A reason without words of its own is shown as it is called. */
export function dropWords(dropped: LoadTestMinute['dropped']): string {
  const lines = Object.entries(dropped)
    .filter(([, frames]) => frames > 0)
    .map(([reason, frames]) => {
      const known = dropReasons.find((name) => name === reason);
      return `${format.count(frames)} – ${known === undefined ? reason : words.dropReasons[known]}`;
    });
  return lines.length === 0 ? words.system.load.noDrops : lines.join('\n');
}
