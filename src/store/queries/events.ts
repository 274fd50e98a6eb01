import type { StoredEvent } from '../operations.ts';
import type { Operation } from '../store-context.ts';
import { fromStoredBox, fromStoredScore } from '../stored-numbers.ts';
import { inTransaction } from '../in-transaction.ts';

export const eventColumns = `e.id, e.camera_id AS cameraId, coalesce(c.name, e.camera_id) AS cameraName,
  e.source_id AS sourceId, e.recipe_id AS recipeId, e.class_index AS classIndex, e.track_id AS trackId,
  e.start_ms AS startMs, e.end_ms AS endMs, e.best_ms AS bestMs, e.best_score AS bestScore, e.best_x AS x,
  e.best_y AS y, e.best_w AS w, e.best_h AS h, e.frames, e.width, e.height, e.reviewed`;

export interface EventRow extends Omit<StoredEvent, 'bestBox'> {
  readonly id: number;
  readonly cameraName: string;
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
  readonly reviewed: number;
}

export function toEvent(row: EventRow): StoredEvent & { id: number; cameraName: string } {
  const { x, y, w, h, reviewed: _, ...event } = row;
  return { ...event, bestScore: fromStoredScore(event.bestScore), bestBox: fromStoredBox(x, y, w, h) };
}

export const getEvent: Operation<'events.get'> = ({ db }) => {
  const select = db.prepare(
    `SELECT ${eventColumns} FROM events e LEFT JOIN cameras c ON c.id = e.camera_id WHERE e.id = ?`,
  );
  return ({ id }) => {
    const row = select.get(id) as EventRow | undefined;
    return row === undefined ? null : toEvent(row);
  };
};

/** An event that was open ends no earlier than it began or was seen best. */
export const closeOpenEvents: Operation<'events.closeOpen'> = ({ db }) => {
  const close = db.prepare('UPDATE events SET end_ms = max(best_ms, start_ms, ?) WHERE end_ms IS NULL');
  return ({ endMs }) => ({ count: close.run(Math.round(endMs)).changes });
};

export const markEvents: Operation<'events.mark'> = ({ db }) => {
  const mark = db.prepare('UPDATE events SET reviewed = ? WHERE id = ?');
  return inTransaction(db, ({ eventIds, reviewed }) => {
    for (const id of eventIds) mark.run(reviewed ? 1 : 0, id);
  });
};
