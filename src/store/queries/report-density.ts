import type { Operation, StoreContext } from '../store-context.ts';
import { framesPerSlot, msPerHour } from '../stored-numbers.ts';
import { createCameraWindow } from './camera-window.ts';
import { createScopeResolver, heldScans } from './report-scope.ts';

/** Up to this many boxes a video's tenths are counted exactly; beyond, its 64-frame slots are shared out. */
const exactUpTo = 200_000;

interface HeldVideo {
  readonly scanId: number;
  readonly frames: number;
  readonly detections: number;
}

/**
 * With no items in scope: boxes by hour of the day (24 numbers, this machine's clock). Otherwise boxes by tenth
 * (10 numbers): of each video, and of the scan's pictures in order of path.
 */
export const reportDensity: Operation<'report.density'> = (store) => {
  const resolve = createScopeResolver(store);
  const cameras = createCameraWindow(store);
  return (scope) => {
    const { items, cameraScans, ...window } = resolve(scope);
    const hasItems = items !== null && store.statement(`SELECT 1 FROM ${heldScans(items)} LIMIT 1`).get() !== undefined;
    if (hasItems) return tenths(store, items);
    const hours = new Array<number>(24).fill(0);
    for (const { scanId } of cameraScans) {
      for (const { hour, count } of cameras.hours(scanId, window)) {
        const ofDay = new Date(hour * msPerHour).getHours();
        hours[ofDay] = (hours[ofDay] ?? 0) + count;
      }
    }
    return hours;
  };
};

function tenths(store: StoreContext, items: number | 'all'): number[] {
  const sums = new Array<number>(10).fill(0);
  const held = `FROM ${heldScans(items)} held JOIN scans s ON s.id = held.scan_id JOIN sources src ON src.id = s.source_id`;
  const pictures = store.statement(
    `SELECT tenth, sum(detections) AS count FROM (
       SELECT s.detections, ntile(10) OVER (ORDER BY held.name) - 1 AS tenth ${held} WHERE src.kind = 'picture')
     GROUP BY tenth`,
  );
  for (const { tenth, count } of pictures.all() as { tenth: number; count: number }[]) sums[tenth] = count;

  const videos = store
    .statement(
      `SELECT s.id AS scanId, s.detections,
         max(coalesce(s.total_frames, 0), coalesce((SELECT max("end") FROM looked WHERE scan_id = s.id), 0)) AS frames
       ${held} WHERE src.kind = 'video' AND s.detections > 0`,
    )
    .all() as HeldVideo[];
  const exact = videos.reduce((sum, { detections }) => sum + detections, 0) <= exactUpTo;
  const addTenths = exact ? exactTenths(store) : sharedTenths(store);
  for (const video of videos) addTenths(video, sums);
  return sums.map(Math.round);
}

const exactTenths = (store: StoreContext) => {
  const select = store.statement(
    // A bound number is a float in SQL: without the cast, a tenth would be one as well.
    `SELECT CAST(min(9, frame * 10 / :frames) AS INTEGER) AS tenth, count(*) AS count FROM detections
     WHERE scan_id = :scanId GROUP BY tenth`,
  );
  return ({ scanId, frames }: HeldVideo, sums: number[]): void => {
    for (const { tenth, count } of select.all({ scanId, frames }) as { tenth: number; count: number }[]) {
      sums[tenth] = (sums[tenth] ?? 0) + count;
    }
  };
};

/** A slot that a border cuts gives each side its share. */
const sharedTenths = (store: StoreContext) => {
  const select = store.statement(
    'SELECT slot, sum(count) AS count FROM scan_slots WHERE scan_id = ? GROUP BY slot ORDER BY slot',
  );
  return ({ scanId, frames }: HeldVideo, sums: number[]): void => {
    for (const { slot, count } of select.all(scanId) as { slot: number; count: number }[]) {
      const start = slot * framesPerSlot;
      const end = Math.min(start + framesPerSlot, frames);
      for (let tenth = 0; tenth < 10; tenth++) {
        const overlap = Math.min(end, ((tenth + 1) * frames) / 10) - Math.max(start, (tenth * frames) / 10);
        if (overlap > 0) sums[tenth] = (sums[tenth] ?? 0) + (count * overlap) / (end - start);
      }
    }
  };
};
