import { NightshiftError } from '../shared/errors.ts';
import { createArchiveTally, type TallyDelta } from './archive-tally.ts';
import { createInheritedFrames } from './inherited-frames.ts';
import { createLookedRanges } from './looked-ranges.ts';
import type { CommitReceipt } from './operations.ts';
import { boxFields, noTrack, type PackedCommit, type PackedRows } from './packed-rows.ts';
import { covers, joinSpans, uncoveredLength, type Span } from './ranges.ts';
import { findScan } from './scans.ts';
import type { KnownSource, StoreContext } from './store-context.ts';
import { msPerMinute, nominalTimeUs, scoreStep, slotOf } from './stored-numbers.ts';

/**
 * Writes what was found in the frames of sources, inside the caller's transaction. Frames that were looked at before
 * are left out, and so are their detections: whoever runs a batch twice changes nothing.
 */
export interface SourceCommitter {
  /** `isKnown`: says which frames of a camera are left out, in place of the ranges that were looked at before. */
  readonly commit: (commits: readonly PackedCommit[], isKnown?: (frame: number) => boolean) => CommitReceipt;
}

export function createSourceCommitter(store: StoreContext): SourceCommitter {
  const { db } = store;
  const scans = findScan(store);
  const looked = createLookedRanges(store);
  const inherited = createInheritedFrames(store);
  const archive = createArchiveTally(store);
  const insert = db.prepare('INSERT INTO detections VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const addTally = db.prepare(
    'INSERT INTO scan_tally VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count',
  );
  const addSlot = db.prepare(
    'INSERT INTO scan_slots VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count',
  );
  const addMinute = db.prepare(
    `INSERT INTO camera_minutes (scan_id, minute, frames, boxes) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET frames = frames + excluded.frames, boxes = boxes + excluded.boxes`,
  );
  const growScan = db.prepare('UPDATE scans SET frames = frames + ?, detections = detections + ? WHERE id = ?');
  const growStore = db.prepare('UPDATE store_counts SET detections = detections + ? WHERE id = 1');

  const commitOne = (commit: PackedCommit, isKnown?: (frame: number) => boolean): CommitReceipt => {
    const { kind, id: sourceId, key } = store.source(commit.sourceId);
    const recipe = store.recipe(commit.recipeId);
    const scanId = scans.ensure(sourceId, recipe.id);
    const spans = joinSpans(commit.looked.map((range) => toSpan(kind, range)));
    const before = spans.map((span) => looked.around(scanId, span));
    const known = before.flat();
    const isLookedAt = isKnown ?? ((frame: number) => covers(known, frame));
    const fresh = freshFrames(numberedFrames(kind, commit.rows), spans, isLookedAt, key);

    const { boxes, timesMs } = commit.rows;
    const tally = new PairCounter();
    const slots = new PairCounter();
    const minutes = new Map<number, { frames: number; boxes: number }>();
    let newDetections = 0;
    for (const { frame, row, firstBox, count } of fresh) {
      if (kind === 'camera') {
        const minute = Math.floor(frame / msPerMinute);
        const before = minutes.get(minute);
        minutes.set(minute, { frames: (before?.frames ?? 0) + 1, boxes: (before?.boxes ?? 0) + count });
      }
      if (count === 0) continue;
      // A camera's frame number is its time: what rounding took away is noise.
      const lateUs =
        kind === 'camera' ? 0 : Math.round((timesMs[row] ?? 0) * 1000) - nominalTimeUs(kind, recipe, frame);
      const slot = slotOf(kind, frame);
      const order = boxOrder(boxes, firstBox, count);
      for (let ordinal = 0; ordinal < count; ordinal++) {
        const at = (firstBox + (order === null ? ordinal : (order[ordinal] as number))) * boxFields;
        const classIndex = boxes[at] as number;
        const score = boxes[at + 1] as number;
        const track = boxes[at + 6] as number;
        insert.run(
          scanId,
          frame,
          ordinal,
          classIndex,
          score,
          boxes[at + 2],
          boxes[at + 3],
          boxes[at + 4],
          boxes[at + 5],
          track === noTrack ? null : track,
          lateUs,
        );
        tally.add(classIndex, scoreStep(score));
        if (kind !== 'picture') slots.add(slot, classIndex);
      }
      newDetections += count;
    }
    for (const span of spans) looked.add(scanId, span);

    const newFrames =
      kind === 'camera'
        ? fresh.length
        : spans.reduce((sum, span, index) => sum + uncoveredLength(span, before[index] as Span[]), 0);
    if (newFrames === 0) return { newFrames, newDetections };
    growScan.run(newFrames, newDetections, scanId);
    inherited.add(scanId, spans, fresh);
    if (newDetections > 0) growStore.run(newDetections);
    const deltas: TallyDelta[] = [];
    tally.forEach((classIndex, step, count) => {
      addTally.run(scanId, classIndex, step, count);
      deltas.push({ classIndex, scoreStep: step, count });
    });
    slots.forEach((slot, classIndex, count) => addSlot.run(scanId, slot, classIndex, count));
    for (const [minute, { frames, boxes: found }] of minutes) addMinute.run(scanId, minute, frames, found);
    if (kind !== 'camera') archive.grow(scanId, recipe.id, deltas);
    return { newFrames, newDetections };
  };

  return {
    commit: (commits, isKnown) => {
      archive.discard();
      let newFrames = 0;
      let newDetections = 0;
      for (const commit of commits) {
        const receipt = commitOne(commit, isKnown);
        newFrames += receipt.newFrames;
        newDetections += receipt.newDetections;
      }
      archive.flush();
      return { newFrames, newDetections };
    },
  };
}

/** A camera's ranges come closed and in epoch ms that may have fractions; an item's half-open in whole frames. */
const toSpan = (kind: KnownSource['kind'], [from, to]: readonly [number, number]): Span =>
  kind === 'camera' ? [Math.floor(from), Math.ceil(to) + 1] : [from, to];

/** A frame with the number it is stored under, its row and its boxes among all. */
interface NumberedFrame {
  readonly frame: number;
  readonly row: number;
  readonly firstBox: number;
  readonly count: number;
  readonly isInherited: boolean;
}

function numberedFrames(
  kind: KnownSource['kind'],
  { frames, timesMs, counts, inherited }: PackedRows,
): NumberedFrame[] {
  const numbered: NumberedFrame[] = [];
  let firstBox = 0;
  for (let row = 0; row < frames.length; row++) {
    const frame = kind === 'camera' ? Math.round(timesMs[row] as number) : (frames[row] as number);
    const count = counts[row] as number;
    numbered.push({ frame, row, firstBox, count, isInherited: inherited[row] === 1 });
    firstBox += count;
  }
  return numbered.sort((a, b) => a.frame - b.frame);
}

/** Frames that nobody looked at before, in order, each once. */
function freshFrames(
  frames: readonly NumberedFrame[],
  spans: readonly Span[],
  isKnown: (frame: number) => boolean,
  where: string,
): NumberedFrame[] {
  let last: number | null = null;
  return frames.filter(({ frame }) => {
    if (!covers(spans, frame)) {
      throw new NightshiftError({
        kind: 'internal',
        message: `A result of frame ${frame} lies outside of what was looked at.`,
        where,
      });
    }
    const fresh = frame !== last && !isKnown(frame);
    last = frame;
    return fresh;
  });
}

/**
 * Places of a frame's boxes in (class, x, y, w, h) order, so that the same boxes always get the same ordinals; null
 * where they lie in order already, as they usually do.
 */
function boxOrder(boxes: PackedRows['boxes'], firstBox: number, count: number): number[] | null {
  for (let i = 1; i < count; i++) {
    if (compareBoxes(boxes, firstBox + i - 1, firstBox + i) > 0) {
      const places = Array.from({ length: count }, (_, place) => place);
      return places.sort((a, b) => compareBoxes(boxes, firstBox + a, firstBox + b));
    }
  }
  return null;
}

function compareBoxes(boxes: PackedRows['boxes'], a: number, b: number): number {
  const left = a * boxFields;
  const right = b * boxFields;
  const difference = (field: number): number => (boxes[left + field] as number) - (boxes[right + field] as number);
  return (
    difference(0) || difference(2) || difference(3) || difference(4) || difference(5) || -difference(1) // higher score first
  );
}

/** Counts by a pair of whole numbers, the second below 65,536. */
class PairCounter {
  readonly #counts = new Map<number, number>();

  add(first: number, second: number): void {
    const key = first * 65_536 + second;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  forEach(visit: (first: number, second: number, count: number) => void): void {
    for (const [key, count] of this.#counts) visit(Math.floor(key / 65_536), key % 65_536, count);
  }
}
