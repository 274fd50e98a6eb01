import type { EngineStateName } from '../../../shared/domain/system.ts';
import { words } from '../../strings/words.ts';

/** What happens next by itself with a camera that is offline. */
export function retryWords(retryInMs: number | null, engine: EngineStateName | undefined): string {
  if (retryInMs !== null) return words.live.retryIn(retryInMs);
  return engine === 'ready' ? words.live.noRetry : words.live.retryWithEngine;
}
