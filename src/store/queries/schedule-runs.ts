import { inTransaction } from '../in-transaction.ts';
import type { StoredScheduleRun } from '../operations.ts';
import type { Operation } from '../store-context.ts';

/** Of each schedule; one that has not ended is kept beyond them. */
const keptRuns = 200;

const columns = `schedule_id AS scheduleId, due_ms AS dueMs, at_ms AS atMs, by_hand AS byHand, outcome, why, count,
  at_least AS atLeast, job_id AS jobId, held_until_ms AS heldUntilMs, held_reason AS heldReason,
  ended_at_ms AS endedAtMs, run_end AS end`;
const isOpen = `(outcome = 'starting' OR (outcome = 'started' AND ended_at_ms IS NULL))`;

type RunRow = Omit<StoredScheduleRun, 'byHand' | 'atLeast'> & { readonly byHand: number; readonly atLeast: number };
const toRun = (row: RunRow): StoredScheduleRun => ({ ...row, byHand: row.byHand === 1, atLeast: row.atLeast === 1 });

const rounded = (ms: number | null): number | null => (ms === null ? null : Math.round(ms));
const toRow = (run: StoredScheduleRun): RunRow => ({
  ...run,
  dueMs: Math.round(run.dueMs),
  atMs: Math.round(run.atMs),
  heldUntilMs: rounded(run.heldUntilMs),
  endedAtMs: rounded(run.endedAtMs),
  byHand: Number(run.byHand),
  atLeast: Number(run.atLeast),
});

/** What was decided at one moment: all of it is kept, or none. */
export const decideSchedule: Operation<'schedules.decide'> = ({ db }) => {
  const consider = db.prepare('UPDATE schedules SET considered_ms = ? WHERE id = ?');
  const insert = db.prepare(
    `INSERT INTO schedule_runs (schedule_id, due_ms, at_ms, by_hand, outcome, why, count, at_least, job_id,
       held_until_ms, held_reason, ended_at_ms, run_end)
     VALUES (@scheduleId, @dueMs, @atMs, @byHand, @outcome, @why, @count, @atLeast, @jobId, @heldUntilMs, @heldReason,
       @endedAtMs, @end)
     ON CONFLICT (schedule_id, due_ms) DO NOTHING`,
  );
  const forget = db.prepare(
    `DELETE FROM schedule_runs WHERE schedule_id = @id AND NOT ${isOpen} AND due_ms <=
       (SELECT due_ms FROM schedule_runs WHERE schedule_id = @id ORDER BY due_ms DESC LIMIT 1 OFFSET ${String(keptRuns)})`,
  );
  return inTransaction(db, ({ id, consideredMs, missed, run }) => {
    consider.run(Math.round(consideredMs), id);
    if (missed !== null) insert.run(toRow(missed));
    const isNew = run !== null && insert.run(toRow(run)).changes > 0;
    forget.run({ id });
    return { isNew };
  });
};

export const saveScheduleRun: Operation<'schedules.saveRun'> = ({ db }) => {
  const update = db.prepare(
    `UPDATE schedule_runs SET at_ms = @atMs, outcome = @outcome, why = @why, job_id = @jobId,
       held_until_ms = @heldUntilMs, held_reason = @heldReason, ended_at_ms = @endedAtMs, run_end = @end
     WHERE schedule_id = @scheduleId AND due_ms = @dueMs`,
  );
  return (run) => {
    update.run(toRow(run));
  };
};

/** Newest first. */
export const scheduleRuns: Operation<'schedules.runs'> = ({ db }) => {
  const select = db.prepare(`SELECT ${columns} FROM schedule_runs WHERE schedule_id = ? ORDER BY due_ms DESC LIMIT ?`);
  return ({ id, limit }) => (select.all(id, limit) as RunRow[]).map(toRun);
};

export const openScheduleRuns: Operation<'schedules.openRuns'> = ({ db }) => {
  const select = db.prepare(`SELECT ${columns} FROM schedule_runs WHERE ${isOpen} ORDER BY schedule_id, due_ms`);
  return () => (select.all() as RunRow[]).map(toRun);
};
