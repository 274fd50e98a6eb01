import type { Box, Detection } from '../../shared/domain/detection.ts';
import { bestPairs } from './assignment.ts';
import { boxOf } from './box-motion.ts';
import { overlapOf } from './box-overlap.ts';
import type { Track } from './track.ts';

export interface Association {
  /** For each track what continues it. */
  readonly byTrack: readonly (Detection | undefined)[];
  /** For each reported detection the index of its track, or -1. */
  readonly trackOf: Int32Array;
}

/** Which tracks a round asks about, where it looks for them, and from which overlap a box may continue one. */
interface Round {
  readonly among: 'reported' | 'faint';
  readonly asks: (track: Track) => boolean;
  readonly at: 'expected' | 'expected or last seen';
  readonly least: (track: Track) => number;
  /** Both boxes are grown by this share of their size on each side. */
  readonly buffer: number;
}

const isConfirmed = ({ trackId }: Track): boolean => trackId !== null;
const isTentative = ({ trackId }: Track): boolean => trackId === null;
/** Where something stood and was lost: only the same place is the same object. */
const isAwaited = ({ phase, standing }: Track): boolean => phase === 'lost' && standing.isStationary;
const mayBeNear = (track: Track): boolean => isConfirmed(track) && !isAwaited(track);
const buffer = 0.4;

/**
 * ByteTrack's rounds (certain boxes to confirmed tracks, faint ones to those just seen, certain ones to tentative
 * tracks) and, for certain boxes, what is left once more with grown boxes (C-BIoU: Yang et al., "Hard to Track Objects
 * with Irregular Motions and Similar Appearances? Make It Easier by Buffering the Matching Space", 2023): at 2 pictures
 * a second the boxes of one walker do not touch. That also looks where a track was last seen, for those who stopped or
 * turned while they were hidden. docs/tracking.md has what it is worth.
 */
const rounds: readonly Round[] = [
  {
    among: 'reported',
    asks: isConfirmed,
    at: 'expected',
    least: (track) => (isAwaited(track) ? 0.5 : 0.3),
    buffer: 0,
  },
  {
    among: 'faint',
    asks: (track) => track.phase === 'tracked' || isAwaited(track),
    at: 'expected',
    least: () => 0.5,
    buffer: 0,
  },
  { among: 'reported', asks: mayBeNear, at: 'expected or last seen', least: () => 0.1, buffer },
  { among: 'reported', asks: isTentative, at: 'expected', least: () => 0.3, buffer: 0 },
  { among: 'reported', asks: isTentative, at: 'expected', least: () => 0.1, buffer },
];

/**
 * Finds what continues each track. The motion of each is where it is expected; `groupOf` says which a detection may continue.
 * Each round pairs what those before have left over, so that the sum of overlaps beyond the least one is greatest.
 */
export function associate(
  tracks: readonly Track[],
  found: Readonly<Record<Round['among'], readonly Detection[]>>,
  groupOf: (detection: Detection) => number,
): Association {
  const byTrack = new Array<Detection | undefined>(tracks.length);
  const trackOf = {
    reported: new Int32Array(found.reported.length).fill(-1),
    faint: new Int32Array(found.faint.length).fill(-1),
  };
  const expected = tracks.map(({ motion }) => boxOf(motion));
  for (const { among, asks, at, least, buffer: share } of rounds) {
    const detections = found[among];
    const rows = indicesWhere(tracks, (track, index) => byTrack[index] === undefined && asks(track));
    const columns = rows.length === 0 ? [] : indicesWhere(detections, (_, index) => trackOf[among][index] === -1);
    if (columns.length === 0) continue;
    const boxes = columns.map((column) => grown((detections[column] as Detection).box, share));
    const groups = columns.map((column) => groupOf(detections[column] as Detection));
    const worth = new Float64Array(rows.length * columns.length);
    rows.forEach((row, i) => {
      const track = tracks[row] as Track;
      const limit = least(track);
      const where = grown(expected[row] as Box, share);
      const before = at === 'expected' ? null : grown(track.box, share);
      for (let j = 0; j < columns.length; j++) {
        if (groups[j] !== track.group) continue;
        const box = boxes[j] as Box;
        const overlap = overlapOf(where, box);
        worth[i * columns.length + j] = (before === null ? overlap : Math.max(overlap, overlapOf(before, box))) - limit;
      }
    });
    bestPairs(rows.length, columns.length, worth).forEach((j, i) => {
      if (j < 0) return;
      byTrack[rows[i] as number] = detections[columns[j] as number];
      trackOf[among][columns[j] as number] = rows[i] as number;
    });
  }
  return { byTrack, trackOf: trackOf.reported };
}

function grown(box: Box, share: number): Box {
  if (share === 0) return box;
  const [x, y, width, height] = box;
  return [x - share * width, y - share * height, width * (1 + 2 * share), height * (1 + 2 * share)];
}

function indicesWhere<T>(items: readonly T[], holds: (item: T, index: number) => boolean): number[] {
  const indices: number[] = [];
  items.forEach((item, index) => {
    if (holds(item, index)) indices.push(index);
  });
  return indices;
}
