import type { GapReason, RecordingGap } from '../../shared/domain/recording.ts';

/** [from, to) in epoch ms. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Consecutive files meet within this: clocks of cameras and machine run a little apart. */
const meetsMs = 1_500;

/**
 * What footage leaves open of a range, told with the reasons that were noted at the time. A note reaches no further than
 * the uncovered time; uncovered time without a note says so.
 */
export function gapsBetween(
  range: Stretch,
  footage: readonly Stretch[],
  notes: readonly (Stretch & { readonly reason: GapReason })[],
): readonly RecordingGap[] {
  const gaps: RecordingGap[] = [];
  let at = range.fromMs;
  for (const piece of [...footage].sort((a, b) => a.fromMs - b.fromMs)) {
    if (piece.fromMs - at > (at === range.fromMs ? 0 : meetsMs)) gaps.push(...explained(at, piece.fromMs, notes));
    at = Math.max(at, piece.toMs);
  }
  if (range.toMs - at > (at === range.fromMs ? 0 : meetsMs)) gaps.push(...explained(at, range.toMs, notes));
  return gaps;
}

function explained(
  fromMs: number,
  toMs: number,
  notes: readonly (Stretch & { readonly reason: GapReason })[],
): RecordingGap[] {
  const told: RecordingGap[] = [];
  const tell = (untilMs: number, reason: GapReason, at: number): void => {
    const last = told[told.length - 1];
    if (last?.reason === reason && last.toMs === at) told[told.length - 1] = { ...last, toMs: untilMs };
    else told.push({ fromMs: at, toMs: untilMs, reason });
  };
  let at = fromMs;
  for (const note of [...notes].sort((a, b) => a.fromMs - b.fromMs)) {
    const start = Math.max(note.fromMs, at);
    const end = Math.min(note.toMs, toMs);
    if (end <= start) continue;
    // A moment between two notes belongs to the later one.
    if (start - at > meetsMs) {
      tell(start, 'unknown', at);
      at = start;
    }
    tell(end, note.reason, at);
    at = end;
  }
  if (at === fromMs) tell(toMs, 'unknown', at);
  else if (toMs - at > meetsMs) tell(toMs, 'unknown', at);
  else if (toMs > at) {
    const last = told[told.length - 1];
    if (last !== undefined) told[told.length - 1] = { ...last, toMs };
  }
  return told;
}

/** A set of stretches with one added: sorted, disjoint, merged. */
export function withStretch(stretches: readonly Stretch[], added: Stretch): readonly Stretch[] {
  const merged: { fromMs: number; toMs: number }[] = [];
  for (const { fromMs, toMs } of [...stretches, added].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = merged[merged.length - 1];
    if (last !== undefined && fromMs <= last.toMs) last.toMs = Math.max(last.toMs, toMs);
    else merged.push({ fromMs, toMs });
  }
  return merged;
}

/** A set of stretches with one cut out. */
export function withoutStretch(stretches: readonly Stretch[], removed: Stretch): readonly Stretch[] {
  return stretches.flatMap(({ fromMs, toMs }) => [
    ...(fromMs < removed.fromMs ? [{ fromMs, toMs: Math.min(toMs, removed.fromMs) }] : []),
    ...(toMs > removed.toMs ? [{ fromMs: Math.max(fromMs, removed.toMs), toMs }] : []),
  ]);
}
