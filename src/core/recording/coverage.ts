import type { GapReason, RecordingGap } from '../../shared/domain/recording.ts';

/** [from, to) in epoch ms. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Why nothing was recorded, as it was noted at the time. */
export interface Note extends Stretch {
  readonly reason: GapReason;
}

/** Consecutive files meet within this: clocks of cameras and machine run a little apart. */
export const meetsMs = 1_500;

/**
 * What footage leaves open of a range, told with the reasons that were noted at the time. A note reaches no further than
 * the uncovered time; uncovered time without a note says so.
 */
export function gapsBetween(
  range: Stretch,
  footage: readonly Stretch[],
  notes: readonly Note[],
): readonly RecordingGap[] {
  const gaps: RecordingGap[] = [];
  const near = notesAlong(notes);
  let at = range.fromMs;
  for (const piece of [...footage].sort((a, b) => a.fromMs - b.fromMs)) {
    if (piece.fromMs - at > (at === range.fromMs ? 0 : meetsMs))
      gaps.push(...explained(at, piece.fromMs, near(at, piece.fromMs)));
    at = Math.max(at, piece.toMs);
  }
  if (range.toMs - at > (at === range.fromMs ? 0 : meetsMs))
    gaps.push(...explained(at, range.toMs, near(at, range.toMs)));
  return gaps;
}

/** The notes that may touch a stretch, asked for in order of time: a week of events has thousands of both. */
function notesAlong(notes: readonly Note[]): (fromMs: number, toMs: number) => readonly Note[] {
  const sorted = [...notes].sort((a, b) => a.fromMs - b.fromMs);
  let next = 0;
  let near: Note[] = [];
  return (fromMs, toMs) => {
    near = near.filter((note) => note.toMs > fromMs);
    for (let note = sorted[next]; note !== undefined && note.fromMs < toMs; note = sorted[next]) {
      if (note.toMs > fromMs) near.push(note);
      next += 1;
    }
    return near;
  };
}

/** Of overlapping notes the later one counts, and "deleted" before all: there was footage, whatever else was noted. */
function explained(fromMs: number, toMs: number, notes: readonly Note[]): RecordingGap[] {
  const inside = notes.filter((note) => note.fromMs < toMs && note.toMs > fromMs);
  const edges = inside.flatMap((note) => [Math.max(note.fromMs, fromMs), Math.min(note.toMs, toMs)]);
  const cuts = [...new Set([fromMs, ...edges, toMs])].sort((a, b) => a - b);
  const told: { fromMs: number; toMs: number; reason: GapReason }[] = [];
  for (const [index, start] of cuts.slice(0, -1).entries()) {
    const end = cuts[index + 1] ?? toMs;
    const reason = reasonAt(start, inside);
    const last = told[told.length - 1];
    // A moment between two notes belongs to the later one, at the end to the one before.
    const isMoment = reason === null && end - start <= meetsMs && inside.length > 0;
    if (isMoment && end < toMs) continue;
    const begin = last?.toMs ?? fromMs;
    if (last !== undefined && (isMoment || last.reason === (reason ?? 'unknown'))) last.toMs = end;
    else told.push({ fromMs: begin, toMs: end, reason: reason ?? 'unknown' });
  }
  return told;
}

function reasonAt(atMs: number, notes: readonly Note[]): GapReason | null {
  const here = notes.filter((note) => note.fromMs <= atMs && note.toMs > atMs);
  if (here.some(({ reason }) => reason === 'deleted')) return 'deleted';
  return here.sort((a, b) => b.fromMs - a.fromMs)[0]?.reason ?? null;
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
