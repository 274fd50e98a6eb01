import { NightshiftError } from '../shared/errors.ts';
import { createArchiveTally, type TallyDelta } from './archive-tally.ts';
import { createLookedRanges } from './looked-ranges.ts';
import type { CommitReceipt, ResultRow, SourceCommit } from './operations.ts';
import { covers, joinSpans, uncoveredLength, type Span } from './ranges.ts';
import { findScan } from './scans.ts';
import type { KnownSource, StoreContext } from './store-context.ts';
import { msPerMinute, nominalTimeUs, scoreStep, slotOf, toStoredPixels, toStoredScore } from './stored-numbers.ts';

/** A frame with the number it is stored under. */
interface NumberedRow {
  readonly frame: number;
  readonly row: ResultRow;
}

/**
 * Writes what was found in the frames of sources, inside the caller's transaction. Frames that were looked at before
 * are left out, and so are their detections: whoever runs a batch twice changes nothing.
 */
export interface SourceCommitter {
  readonly commit: (commits: readonly SourceCommit[]) => CommitReceipt;
}

export function createSourceCommitter(store: StoreContext): SourceCommitter {
  const { db } = store;
  const scans = findScan(store);
  const looked = createLookedRanges(store);
  const archive = createArchiveTally(store);
  const insert = db.prepare('INSERT INTO detections VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const addTally = db.prepare(
    'INSERT INTO scan_tally VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count',
  );
  const addSlot = db.prepare(
    'INSERT INTO scan_slots VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count',
  );
  const addMinute = db.prepare(
    'INSERT INTO camera_minutes VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET frames = frames + excluded.frames',
  );
  const growScan = db.prepare('UPDATE scans SET frames = frames + ?, detections = detections + ? WHERE id = ?');
  const growStore = db.prepare('UPDATE store_counts SET detections = detections + ? WHERE id = 1');

  const commitOne = (commit: SourceCommit): CommitReceipt => {
    const source = store.source(commit.sourceId);
    const recipe = store.recipe(commit.recipeId);
    const scanId = scans.ensure(source.id, recipe.id);
    const spans = joinSpans(commit.looked.map((range) => toSpan(source, range)));
    const before = spans.map((span) => looked.around(scanId, span));
    const fresh = freshRows(source, commit.rows, spans, before);

    const tally = new Counter();
    const slots = new Counter();
    const minutes = new Counter();
    let newDetections = 0;
    for (const { frame, row } of fresh) {
      if (source.kind === 'camera') minutes.add(Math.floor(frame / msPerMinute), 0, 1);
      if (row.detections.length === 0) continue;
      const lateUs = Math.round(row.timeMs * 1000) - nominalTimeUs(source.kind, recipe, frame);
      // A camera's frame number is its time: what rounding took away is noise.
      const storedLateUs = source.kind === 'camera' ? 0 : lateUs;
      const slot = slotOf(source.kind, frame);
      const boxes = inOrder(row.detections);
      for (let ordinal = 0; ordinal < boxes.length; ordinal++) {
        const b = boxes[ordinal] as StoredDetection;
        insert.run(scanId, frame, ordinal, b.classIndex, b.score, b.x, b.y, b.w, b.h, b.trackId, storedLateUs);
        tally.add(b.classIndex, scoreStep(b.score), 1);
        if (source.kind !== 'picture') slots.add(slot, b.classIndex, 1);
      }
      newDetections += boxes.length;
    }
    for (const span of spans) looked.add(scanId, span);

    const newFrames =
      source.kind === 'camera'
        ? fresh.length
        : spans.reduce((sum, span, index) => sum + uncoveredLength(span, before[index] as Span[]), 0);
    if (newFrames === 0) return { newFrames, newDetections };
    growScan.run(newFrames, newDetections, scanId);
    if (newDetections > 0) growStore.run(newDetections);
    const deltas: TallyDelta[] = [];
    tally.forEach((classIndex, step, count) => {
      addTally.run(scanId, classIndex, step, count);
      deltas.push({ classIndex, scoreStep: step, count });
    });
    slots.forEach((slot, classIndex, count) => addSlot.run(scanId, slot, classIndex, count));
    minutes.forEach((minute, _, frames) => addMinute.run(scanId, minute, frames));
    if (source.kind !== 'camera') archive.grow(scanId, recipe.id, deltas);
    return { newFrames, newDetections };
  };

  return {
    commit: (commits) => {
      archive.discard();
      let newFrames = 0;
      let newDetections = 0;
      for (const commit of commits) {
        const receipt = commitOne(commit);
        newFrames += receipt.newFrames;
        newDetections += receipt.newDetections;
      }
      archive.flush();
      return { newFrames, newDetections };
    },
  };
}

/** A camera's ranges come closed and in epoch ms that may have fractions; an item's half-open in whole frames. */
const toSpan = (source: KnownSource, [from, to]: readonly [number, number]): Span =>
  source.kind === 'camera' ? [Math.floor(from), Math.ceil(to) + 1] : [from, to];

/** Rows of frames that nobody looked at before, in order, each frame once. */
function freshRows(
  source: KnownSource,
  rows: readonly ResultRow[],
  spans: readonly Span[],
  before: readonly (readonly Span[])[],
): NumberedRow[] {
  const known = before.flat();
  const numbered = rows
    .map((row) => ({ frame: source.kind === 'camera' ? Math.round(row.timeMs) : row.frame, row }))
    .sort((a, b) => a.frame - b.frame);
  let last: number | null = null;
  return numbered.filter(({ frame }) => {
    if (!covers(spans, frame)) {
      throw new NightshiftError({
        kind: 'internal',
        message: `A result of frame ${frame} lies outside of what was looked at.`,
        where: source.key,
      });
    }
    const fresh = frame !== last && !covers(known, frame);
    last = frame;
    return fresh;
  });
}

interface StoredDetection {
  readonly classIndex: number;
  readonly score: number;
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
  readonly trackId: number | null;
}

/** Rounded, then ordered by (class, x, y, w, h), so that the same boxes always get the same ordinals. */
function inOrder(detections: ResultRow['detections']): StoredDetection[] {
  return detections
    .map(({ classIndex, score, box, trackId }) => ({
      classIndex,
      score: toStoredScore(score),
      x: toStoredPixels(box[0]),
      y: toStoredPixels(box[1]),
      w: toStoredPixels(box[2]),
      h: toStoredPixels(box[3]),
      trackId,
    }))
    .sort(
      (a, b) => a.classIndex - b.classIndex || a.x - b.x || a.y - b.y || a.w - b.w || a.h - b.h || b.score - a.score,
    );
}

/** Counts by a pair of small integers. */
class Counter {
  readonly #counts = new Map<number, Map<number, number>>();

  add(a: number, b: number, count: number): void {
    let inner = this.#counts.get(a);
    if (inner === undefined) {
      inner = new Map();
      this.#counts.set(a, inner);
    }
    inner.set(b, (inner.get(b) ?? 0) + count);
  }

  forEach(visit: (a: number, b: number, count: number) => void): void {
    for (const [a, inner] of this.#counts) for (const [b, count] of inner) visit(a, b, count);
  }
}
