import type { StoreContext } from './store-context.ts';

/** What there is of a moment: a recorded file that holds it, or none, and why not. */
export interface RepairFootage {
  /** The file that a frame of the moment lies in, whatever state it is in; null: none holds it. */
  readonly covering: (cameraId: string, atMs: number) => CoveringFile | null;
  /** Where the next file after the moment begins, of which frames belong to it; null: none does. */
  readonly nextFrom: (cameraId: string, atMs: number) => number | null;
  /** Why nothing was recorded then. */
  readonly gapReason: (cameraId: string, atMs: number) => string;
}

export interface CoveringFile {
  readonly id: number;
  readonly file: string;
  readonly startMs: number;
  readonly endMs: number | null;
  readonly state: 'open' | 'closed' | 'leaving';
  /** Frames from here on, up to `untilMs` (exclusive; null: not known), are looked for in it. */
  readonly fromMs: number;
  readonly untilMs: number | null;
}

/** A file's time is that of its first packet as it was handed on, a moment after the picture was captured. */
const leadMs = 50;
/** Its end is where the last packet's picture ends: a picture of a moment later was the same one. */
const tailMs = 250;

export function createRepairFootage({ db }: StoreContext): RepairFootage {
  const newest = db.prepare(
    `SELECT id, file, start_ms AS startMs, end_ms AS endMs, state FROM recording_segments
     WHERE camera_id = ? AND start_ms <= ? ORDER BY start_ms DESC LIMIT 1`,
  );
  const following = db
    .prepare('SELECT min(start_ms) FROM recording_segments WHERE camera_id = ? AND start_ms > ?')
    .pluck();
  const gap = db
    .prepare(
      `SELECT reason FROM recording_gaps WHERE camera_id = @cameraId AND from_ms <= @atMs AND (to_ms IS NULL OR to_ms > @atMs)
       ORDER BY from_ms DESC LIMIT 1`,
    )
    .pluck();
  const nextFrom: RepairFootage['nextFrom'] = (cameraId, atMs) => {
    const startMs = following.get(cameraId, atMs + leadMs) as number | null;
    return startMs === null ? null : startMs - leadMs;
  };
  return {
    covering: (cameraId, atMs) => {
      const found = newest.get(cameraId, atMs + leadMs) as Omit<CoveringFile, 'fromMs' | 'untilMs'> | undefined;
      if (found === undefined) return null;
      const nextMs = nextFrom(cameraId, found.startMs - leadMs);
      const ownEndMs = found.endMs === null ? null : found.endMs + tailMs;
      const untilMs = nextMs === null ? ownEndMs : Math.min(nextMs, ownEndMs ?? nextMs);
      if (untilMs !== null && atMs >= untilMs) return null;
      return { ...found, fromMs: found.startMs - leadMs, untilMs };
    },
    nextFrom,
    gapReason: (cameraId, atMs) => (gap.get({ cameraId, atMs }) as string | undefined) ?? 'unknown',
  };
}
