/** A stream of a camera as it says itself, or as it was seen. */
export interface SizedStream {
  readonly url: string;
  /** Null: it does not say. */
  readonly width: number | null;
  readonly height: number | null;
}

/** So many pixels along its longer side an analysed picture should have: the models look at 320 to 640. */
const enoughPixels = 480;

/**
 * Which of a camera's streams to analyse, and which to record and enlarge: the smallest that has enough pixels (the largest
 * where none has), and the largest of all where that is larger. Null: there is none.
 */
export function proposedPair<S extends SizedStream>(
  streams: readonly S[],
): { readonly small: S; readonly large: S | null } | null {
  const [first] = streams;
  if (first === undefined) return null;
  const sized = streams.filter((stream) => areaOf(stream) > 0).sort((a, b) => areaOf(a) - areaOf(b));
  const largest = sized.at(-1);
  if (largest === undefined) return { small: first, large: null };
  const small = sized.find((stream) => longerSide(stream) >= enoughPixels) ?? largest;
  const isLarger = areaOf(largest) > areaOf(small) && largest.url !== small.url;
  return { small, large: isLarger ? largest : null };
}

const areaOf = ({ width, height }: SizedStream): number => (width ?? 0) * (height ?? 0);
const longerSide = ({ width, height }: SizedStream): number => Math.max(width ?? 0, height ?? 0);
