import type { Operation } from '../store-context.ts';
import { msPerHour, msPerMinute } from '../stored-numbers.ts';

const scansOfCamera = `(SELECT s.id FROM sources src JOIN scans s ON s.source_id = src.id WHERE src.key = 'camera:' || @cameraId)`;

// A bound number is a float in SQL: without the cast, a bucket would be one as well.
const bucketOf = (atMs: string): string => `CAST((${atMs} - @fromMs) / @bucketMs AS INTEGER) AS bucket`;

/** Whole hours and minutes are counted already; only what is finer reads detections. */
export const hourActivitySql = `SELECT ${bucketOf(`slot * ${String(msPerHour)}`)}, sum(count) FROM scan_slots
  WHERE scan_id IN ${scansOfCamera} AND slot >= @first AND slot < @end GROUP BY bucket`;
export const minuteActivitySql = `SELECT ${bucketOf(`minute * ${String(msPerMinute)}`)}, sum(boxes) FROM camera_minutes
  WHERE scan_id IN ${scansOfCamera} AND minute >= @first AND minute < @end GROUP BY bucket`;
export const frameActivitySql = `SELECT ${bucketOf('frame')}, count(*) FROM detections
  WHERE scan_id IN ${scansOfCamera} AND frame >= @first AND frame < @end GROUP BY bucket`;

export const readActivity: Operation<'activity.read'> = ({ db }) => {
  const steps = [
    { stepMs: msPerHour, select: db.prepare(hourActivitySql).raw() },
    { stepMs: msPerMinute, select: db.prepare(minuteActivitySql).raw() },
    { stepMs: 1, select: db.prepare(frameActivitySql).raw() },
  ];
  return ({ cameraId, fromMs, toMs, bucketMs }) => {
    const step = steps.find(({ stepMs }) => bucketMs % stepMs === 0 && fromMs % stepMs === 0);
    if (step === undefined) return [];
    const { stepMs, select } = step;
    const asked = { cameraId, fromMs, bucketMs, first: fromMs / stepMs, end: Math.ceil(toMs / stepMs) };
    return (select.all(asked) as [number, number][]).filter(([, boxes]) => boxes > 0);
  };
};

export const countActivity: Operation<'activity.count'> = ({ db }) => {
  const select = db
    .prepare(
      `SELECT coalesce(sum(boxes), 0) FROM camera_minutes
       WHERE scan_id IN ${scansOfCamera} AND minute >= @first AND minute < @end`,
    )
    .pluck();
  return ({ cameraIds, fromMs, toMs }) =>
    cameraIds.reduce((sum, cameraId) => {
      const range = { first: Math.floor(fromMs / msPerMinute), end: Math.ceil(toMs / msPerMinute) };
      return sum + (select.get({ cameraId, ...range }) as number);
    }, 0);
};

export const sightingsSql = `SELECT camera_id AS cameraId, ${bucketOf('start_ms')}, count(*) AS count
  FROM events INDEXED BY events_by_time
  WHERE start_ms >= @fromMs AND start_ms < @toMs AND camera_id IN (SELECT value FROM json_each(@cameraIds))
  GROUP BY camera_id, bucket`;

export const countSightings: Operation<'activity.sightings'> = ({ db }) => {
  const select = db.prepare(sightingsSql);
  return ({ cameraIds, ...range }) =>
    select.all({ ...range, cameraIds: JSON.stringify(cameraIds) }) as {
      cameraId: string;
      bucket: number;
      count: number;
    }[];
};
