/** Half-open integer ranges [start, end). */
export type Span = readonly [start: number, end: number];

/** Sorted, empty ones dropped, overlapping and touching ones joined. */
export function joinSpans(spans: readonly Span[]): Span[] {
  const sorted = spans.filter(([start, end]) => end > start).sort((a, b) => a[0] - b[0]);
  const joined: [number, number][] = [];
  for (const [start, end] of sorted) {
    const last = joined[joined.length - 1];
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end);
    else joined.push([start, end]);
  }
  return joined;
}

/** How many numbers of `span` lie in none of the `covered` ones (disjoint). */
export function uncoveredLength(span: Span, covered: readonly Span[]): number {
  const overlap = covered.reduce(
    (sum, [start, end]) => sum + Math.max(0, Math.min(end, span[1]) - Math.max(start, span[0])),
    0,
  );
  return span[1] - span[0] - overlap;
}

export const covers = (spans: readonly Span[], value: number): boolean =>
  spans.some(([start, end]) => start <= value && value < end);
