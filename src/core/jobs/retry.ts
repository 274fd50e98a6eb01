import type { FailureKind } from '../../shared/domain/job.ts';

/** Trying again unchanged can help only where the failure may lie outside of the item. */
export function isTransient(kind: FailureKind): boolean {
  switch (kind) {
    case 'unreadable':
    case 'timed-out':
      return true;
    case 'empty':
    case 'unsupported':
    case 'undecodable':
    case 'too-large':
    case 'crashes-engine':
    case 'missing': // enumerating again finds it when it is back
      return false;
    default:
      return unknownKind(kind);
  }
}

export const maxAttempts = 5;
const longestDelayMs = 15 * 60_000;
/** So that items that failed together do not come back together. */
const jitterShare = 0.2;

/**
 * How long to wait before the next attempt; null: give up. `attempts` were made so far (at least 1); `random` is in
 * [0, 1). 1, 16, 81, 256 s: a share that blinked is back at once, one that is rebooting gets its minutes.
 */
export function retryDelayMs(kind: FailureKind, attempts: number, random: number): number | null {
  if (!isTransient(kind) || attempts >= maxAttempts) return null;
  const delayMs = Math.min(longestDelayMs, attempts ** 4 * 1000);
  return delayMs * (1 + jitterShare * (2 * random - 1));
}

function unknownKind(kind: never): never {
  throw new Error(`unknown kind of failure ${String(kind)}`);
}
