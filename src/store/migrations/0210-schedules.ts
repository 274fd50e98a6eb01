import type { Migration } from './migration.ts';

/** Scans that are started by the clock, what became of each time, and which of them a job was last started by. */
export const schedules: Migration = {
  version: 210,
  name: 'schedules',
  up: (db) => {
    db.exec(`
CREATE TABLE schedules (
  -- One row: what is scanned by itself, and when.
  id TEXT PRIMARY KEY NOT NULL,
  settings TEXT NOT NULL,              -- JSON (ScheduleSettings)
  created_at_ms INTEGER NOT NULL,      -- epoch ms
  considered_ms INTEGER NOT NULL       -- epoch ms; what was due up to then is dealt with
) STRICT, WITHOUT ROWID;

CREATE TABLE schedule_runs (
  -- One row: a time at which a schedule was due, and what became of it. Its key is what lets it happen once.
  schedule_id TEXT NOT NULL REFERENCES schedules (id) ON DELETE CASCADE,
  due_ms INTEGER NOT NULL,             -- epoch ms
  at_ms INTEGER NOT NULL,              -- epoch ms: when that was decided
  by_hand INTEGER NOT NULL,            -- 1: somebody asked for it
  outcome TEXT NOT NULL CHECK (outcome IN ('starting', 'started', 'missed', 'skipped', 'failed')),
  why TEXT,
  count INTEGER NOT NULL,              -- times up to this one that came to the same
  at_least INTEGER NOT NULL,           -- 1: there were more
  job_id TEXT,
  held_until_ms INTEGER,               -- epoch ms: its scan was paused until then for its hours
  held_reason TEXT,                    -- as the paused job tells it
  ended_at_ms INTEGER,                 -- epoch ms
  run_end TEXT,                        -- how its scan ended
  PRIMARY KEY (schedule_id, due_ms)
) STRICT, WITHOUT ROWID;

-- The run of a schedule that last started the job: asked for again, it is not started again.
ALTER TABLE jobs ADD COLUMN start_key TEXT;
`);
  },
};
