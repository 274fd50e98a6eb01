import type { StoreContext } from '../store-context.ts';
import { msPerHour, msPerMinute } from '../stored-numbers.ts';

/** Whole milliseconds, both inclusive. */
export interface TimeWindow {
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly wholeTime: boolean;
}

/** What a camera's scan holds in a stretch of time, from its hours and minutes. */
export interface CameraWindow {
  /** Counted by whole minutes that the window touches. */
  readonly frames: (scanId: number, window: TimeWindow) => number;
  /** Exact: hours inside the window from their tally, the two that it cuts from their boxes. */
  readonly classes: (scanId: number, window: TimeWindow) => { classIndex: number; count: number }[];
  /** By hour since the epoch, all classes; the hours that the window cuts count whole. */
  readonly hours: (scanId: number, window: TimeWindow) => { hour: number; count: number }[];
}

export function createCameraWindow({ db }: StoreContext): CameraWindow {
  const allFrames = db.prepare('SELECT frames FROM scans WHERE id = ?').pluck();
  const minutes = db
    .prepare('SELECT coalesce(sum(frames), 0) FROM camera_minutes WHERE scan_id = ? AND minute BETWEEN ? AND ?')
    .pluck();
  const allClasses = db.prepare(
    'SELECT class_index AS classIndex, sum(count) AS count FROM scan_tally WHERE scan_id = ? GROUP BY class_index',
  );
  const someClasses = db.prepare(
    `SELECT classIndex, sum(count) AS count FROM (
       SELECT class_index AS classIndex, count FROM scan_slots
         WHERE scan_id = :scanId AND slot BETWEEN :firstHour AND :lastHour
       UNION ALL SELECT class_index, count(*) FROM detections
         WHERE scan_id = :scanId AND frame BETWEEN :sinceMs AND :headEndMs GROUP BY class_index
       UNION ALL SELECT class_index, count(*) FROM detections
         WHERE scan_id = :scanId AND frame BETWEEN :tailStartMs AND :untilMs GROUP BY class_index)
     GROUP BY classIndex`,
  );
  const hours = db.prepare(
    `SELECT slot AS hour, sum(count) AS count FROM scan_slots WHERE scan_id = ? AND slot BETWEEN ? AND ? GROUP BY slot`,
  );
  return {
    frames: (scanId, { sinceMs, untilMs, wholeTime }) =>
      (wholeTime
        ? allFrames.get(scanId)
        : minutes.get(scanId, Math.floor(sinceMs / msPerMinute), Math.floor(untilMs / msPerMinute))) as number,
    classes: (scanId, window) => {
      if (window.wholeTime) return allClasses.all(scanId) as { classIndex: number; count: number }[];
      const { sinceMs, untilMs } = window;
      // Hours that lie in the window with all their milliseconds.
      const firstHour = Math.ceil(sinceMs / msPerHour);
      const lastHour = Math.floor((untilMs + 1) / msPerHour) - 1;
      const hasWholeHours = firstHour <= lastHour;
      const headEndMs = hasWholeHours ? firstHour * msPerHour - 1 : untilMs;
      const tailStartMs = hasWholeHours ? (lastHour + 1) * msPerHour : untilMs + 1;
      return someClasses.all({ scanId, firstHour, lastHour, sinceMs, headEndMs, tailStartMs, untilMs }) as {
        classIndex: number;
        count: number;
      }[];
    },
    hours: (scanId, { sinceMs, untilMs }) =>
      hours.all(scanId, Math.floor(sinceMs / msPerHour), Math.floor(untilMs / msPerHour)) as {
        hour: number;
        count: number;
      }[],
  };
}
