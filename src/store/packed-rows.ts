import type { OperationName, ResultRow, SourceCommit, StoreOperations } from './operations.ts';
import { toStoredPixels, toStoredScore } from './stored-numbers.ts';

/**
 * Result rows on their way to the worker: columns of numbers that are handed over instead of thousands of objects that
 * would be copied on one thread and built again on the other.
 */
export interface PackedRows {
  readonly frames: Float64Array<ArrayBuffer>;
  readonly timesMs: Float64Array<ArrayBuffer>;
  /** Boxes of each frame. */
  readonly counts: Uint16Array<ArrayBuffer>;
  /** 1: the frame took the result of an earlier one. */
  readonly inherited: Uint8Array<ArrayBuffer>;
  /** `boxFields` stored integers a box: class, score, x, y, w, h, track (`noTrack`: none). */
  readonly boxes: Int32Array<ArrayBuffer>;
}
export const boxFields = 7;
export const noTrack = -1;

export interface PackedCommit extends Omit<SourceCommit, 'rows'> {
  readonly rows: PackedRows;
}

type WithRows = 'results.commit' | 'live.commit' | 'repairs.commit';

const hasRows = (name: OperationName): name is WithRows =>
  name === 'results.commit' || name === 'live.commit' || name === 'repairs.commit';

/** What an operation is given in the worker: as in `StoreOperations`, but rows packed. */
export type WorkerInput<K extends OperationName> = K extends WithRows
  ? Omit<StoreOperations[K]['in'], 'commits'> & { readonly commits: readonly PackedCommit[] }
  : StoreOperations[K]['in'];

/** The input as the worker wants it, and the buffers that go over with it. */
export function packInput<K extends OperationName>(
  name: K,
  input: StoreOperations[K]['in'],
): { input: WorkerInput<K>; transfer: ArrayBuffer[] } {
  if (!hasRows(name)) return { input: input as WorkerInput<K>, transfer: [] };
  const withRows = input as StoreOperations[WithRows]['in'];
  const transfer: ArrayBuffer[] = [];
  const commits = withRows.commits.map((commit): PackedCommit => {
    const rows = packRows(commit.rows);
    for (const column of Object.values(rows) as Uint8Array<ArrayBuffer>[]) transfer.push(column.buffer);
    return { ...commit, rows };
  });
  return { input: { ...withRows, commits } as unknown as WorkerInput<K>, transfer };
}

function packRows(rows: readonly ResultRow[]): PackedRows {
  let total = 0;
  for (const { detections } of rows) total += detections.length;
  const frames = new Float64Array(rows.length);
  const timesMs = new Float64Array(rows.length);
  const counts = new Uint16Array(rows.length);
  const inheritedRows = new Uint8Array(rows.length);
  const boxes = new Int32Array(total * boxFields);
  let at = 0;
  for (let i = 0; i < rows.length; i++) {
    const { frame, timeMs, inherited, detections } = rows[i] as ResultRow;
    frames[i] = frame;
    timesMs[i] = timeMs;
    counts[i] = detections.length;
    inheritedRows[i] = inherited === true ? 1 : 0;
    for (const { classIndex, score, box, trackId } of detections) {
      boxes[at] = classIndex;
      boxes[at + 1] = toStoredScore(score);
      boxes[at + 2] = toStoredPixels(box[0]);
      boxes[at + 3] = toStoredPixels(box[1]);
      boxes[at + 4] = toStoredPixels(box[2]);
      boxes[at + 5] = toStoredPixels(box[3]);
      boxes[at + 6] = trackId ?? noTrack;
      at += boxFields;
    }
  }
  return { frames, timesMs, counts, inherited: inheritedRows, boxes };
}
