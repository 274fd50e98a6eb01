import type { Migration } from './migration.ts';

const tables = `
CREATE TABLE lane_seconds (
  -- One row: what the device did in one second of the last day; seconds without work have none.
  at_s INTEGER PRIMARY KEY NOT NULL,   -- epoch s
  live_ms REAL NOT NULL,               -- ms of runs
  archive_ms REAL NOT NULL,            -- ms of runs
  runs INTEGER NOT NULL,               -- begun in it
  largest_live INTEGER NOT NULL,       -- pictures
  largest_archive INTEGER NOT NULL,    -- pictures
  shed INTEGER NOT NULL                -- frames that gave way
) STRICT;

CREATE TABLE shed_records (
  -- One row: live frames of one camera (null: the archive) that gave way by one step within one second.
  id INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,              -- epoch ms
  step TEXT NOT NULL,
  camera TEXT,
  frames INTEGER NOT NULL,
  why TEXT NOT NULL
) STRICT;
CREATE INDEX shed_records_by_time ON shed_records (at_ms);
`;

export const laneTimeline: Migration = {
  version: 20,
  name: 'lane-timeline',
  up: (db) => {
    db.exec(tables);
  },
};
