import type { ReviewFilter, ReviewPage } from '../../shared/contract/calls.ts';
import type { ReviewEntry } from '../../shared/domain/review.ts';
import type { Result } from '../../shared/errors.ts';
import { openFilter } from './review.svelte.ts';

export type Sighting = Extract<ReviewEntry, { kind: 'event' }>;

type Ask = (question: { filter: ReviewFilter; offset: number; limit: number }) => Promise<Result<ReviewPage>>;

/** How far a sighting lies from a moment; 0: it was under way. */
export const distanceMs = ({ startMs, endMs }: Sighting, atMs: number): number =>
  Math.max(startMs - atMs, atMs - (endMs ?? Infinity), 0);

/** What a camera saw nearest to a moment, before or after it: at most `most`, the nearest first. */
export async function nearestSightings(
  ask: Ask,
  cameraId: string,
  atMs: number,
  most: number,
): Promise<Result<readonly Sighting[]>> {
  const ofCamera: ReviewFilter = { ...openFilter, kind: 'event', cameraIds: [cameraId] };
  // Lists are told newest first: the nearest of what came later are the last of theirs.
  const before = await ask({ filter: { ...ofCamera, untilMs: atMs }, offset: 0, limit: most });
  if (!before.ok) return before;
  const later = { ...ofCamera, sinceMs: atMs };
  const after = await ask({ filter: later, offset: 0, limit: most });
  if (!after.ok) return after;
  const { total } = after.value;
  const last = total <= most ? after : await ask({ filter: later, offset: total - most, limit: most });
  if (!last.ok) return last;
  const found = new Map<number, Sighting>();
  for (const entry of [...before.value.entries, ...last.value.entries]) {
    if (entry.kind === 'event') found.set(entry.id, entry);
  }
  const sorted = [...found.values()].sort((a, b) => distanceMs(a, atMs) - distanceMs(b, atMs));
  return { ok: true, value: sorted.slice(0, most) };
}
