import type { CameraStatus } from '../../../shared/domain/camera.ts';
import * as format from '../../strings/format.ts';
import { words } from '../../strings/words.ts';

/** Something about a live camera that an operator should look at, in a word and explained. */
export interface TileFlag {
  readonly word: string;
  readonly explained: string;
}

export function flagsOf(name: string, status: CameraStatus, nowMs: number): readonly TileFlag[] {
  const flags: TileFlag[] = [];
  if (status.frozenSinceMs !== null) {
    const at = format.moment(status.frozenSinceMs, nowMs);
    flags.push({ word: words.wall.frozen, explained: words.wall.frozenSince(at) });
  }
  if (status.health !== null) {
    const { kind, says, sinceMs } = status.health;
    flags.push({ word: words.health.kinds[kind], explained: words.health.says(name, says, format.clock(sinceMs)) });
  }
  return flags;
}
