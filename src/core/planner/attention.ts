/** When people last looked at what a camera gives, in epoch ms. */
export interface Attention {
  /** Since when it is on without a break, as far as is known. */
  readonly onSinceMs: number;
  readonly lookedAtMs: number | null;
  /** How long its results had waited when they were last looked at after a pause; null: never after one. */
  readonly waitedMs: number | null;
}

/** Looks that follow each other within this time are one look. */
const pauseMs = 10 * 60_000;

export function lookedAt(before: Attention, nowMs: number): Attention {
  const waitedMs = unreadFor(before, nowMs);
  return { ...before, lookedAtMs: nowMs, waitedMs: waitedMs >= pauseMs ? waitedMs : before.waitedMs };
}

/** How long its results have been waiting for somebody. */
export const unreadFor = ({ onSinceMs, lookedAtMs }: Attention, nowMs: number): number =>
  Math.max(0, nowMs - Math.max(onSinceMs, lookedAtMs ?? 0));
