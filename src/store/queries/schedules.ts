import type { ScheduleSettings } from '../../shared/domain/schedule.ts';
import type { StoredSchedule } from '../operations.ts';
import type { Operation } from '../store-context.ts';

type ScheduleRow = Omit<StoredSchedule, 'settings'> & { readonly settings: string };

/** Oldest first. */
export const listSchedules: Operation<'schedules.list'> = ({ db }) => {
  const select = db.prepare(
    `SELECT id, settings, created_at_ms AS createdAtMs, considered_ms AS consideredMs FROM schedules
     ORDER BY created_at_ms, id`,
  );
  return () =>
    (select.all() as ScheduleRow[]).map((row) => ({ ...row, settings: JSON.parse(row.settings) as ScheduleSettings }));
};

export const saveSchedule: Operation<'schedules.save'> = ({ db }) => {
  const upsert = db.prepare(
    `INSERT INTO schedules (id, settings, created_at_ms, considered_ms) VALUES (?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET settings = excluded.settings, considered_ms = excluded.considered_ms`,
  );
  return ({ id, settings, createdAtMs, consideredMs }) => {
    upsert.run(id, JSON.stringify(settings), Math.round(createdAtMs), Math.round(consideredMs));
  };
};

export const removeSchedule: Operation<'schedules.remove'> = ({ db }) => {
  const remove = db.prepare('DELETE FROM schedules WHERE id = ?');
  return ({ id }) => {
    remove.run(id);
  };
};
