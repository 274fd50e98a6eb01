import type { CameraStatus } from '../../../shared/domain/camera.ts';
import * as format from '../../strings/format.ts';
import { words } from '../../strings/words.ts';

/** Something about a live camera that an operator should look at, in a word and explained. */
export interface TileFlag {
  readonly word: string;
  readonly explained: string;
}

/** A frozen picture is one of the troubles of its health, and is said once. */
export function flagsOf(name: string, { health }: Pick<CameraStatus, 'health'>, nowMs: number): readonly TileFlag[] {
  if (health === null) return [];
  const { kind, says, sinceMs } = health;
  return [{ word: words.health.kinds[kind], explained: words.health.says(name, says, format.moment(sinceMs, nowMs)) }];
}
